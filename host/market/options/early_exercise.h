// early_exercise.h: what the right to exercise early is worth on one side of an expiry, in price
// and Greeks, for every strike from twenty solves of the American boundary. Without it a deep put
// of a year is off by percents of its price; with a solve a contract a chain would cost ten times
// as much.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace zomma::options {

// Vols by ascending strike, straight between them and level beyond.
struct Smile {
  std::vector<double> strike, vol;
  double at(double strike) const;
};

struct ExerciseTerms {
  bool put{};
  double spot{}, years{};
  double rate{}, yield{};  // continuous, a year
};

// An option's present value and its derivatives: vega and rho per 1.00, theta a year.
struct OptionValues {
  double price{}, delta{}, gamma{}, theta{}, vega{}, rho{};
};

class EarlyExercise {
 public:
  // For strikes within [low, high]. Solved by the kernels' fast preset (Andersen, Lake &
  // Offengenden 2016); in between, prices are within 1e-4 of the spot. Nothing is worth anything
  // where rates make early exercise pointless or leave the model's range.
  EarlyExercise(const ExerciseTerms& terms, const Smile& smile, double low, double high);
  EarlyExercise() = default;

  // Exercise is due now: the option is its intrinsic value.
  bool due(double strike) const;
  OptionValues exercised(double strike) const;
  // American less European values at the smile's vol for that strike; zero where there is no value.
  OptionValues premium(double strike, double vol) const;

 private:
  static constexpr std::size_t nodes = 8, rare_nodes = 4;
  double scale(double strike, double vol) const;
  void find_boundary(const Smile& smile, double low, double high);
  void solve(const Smile& smile, double low, double high);

  ExerciseTerms terms_;
  bool any_ = false;
  double due_ = 0;               // strike from which on exercise is due; 0: none
  double first_ = 0, step_ = 0;  // of the nodes, in ln(strike)
  // Over scale(): price, delta, gamma and theta at every node, vega and rho at every other one.
  std::array<std::array<double, nodes>, 4> columns_{};
  std::array<std::array<double, rare_nodes>, 2> rare_{};
};

}  // namespace zomma::options
