// Random words against the authors' known answers, normals against the moments of the law they
// claim.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <vector>

#include <zomma/kernels/elementary.h>
#include <zomma/kernels/monte_carlo/normal.h>

namespace zomma::kernels {
namespace {

using Block = PhiloxBlock<std::uint64_t>;

void check(const Block& counter, std::uint64_t key, const Block& expected) {
  const Block found = philox<std::uint64_t>(counter, key);
  for (int i = 0; i < 4; ++i) CHECK(found.word[i] == expected.word[i]);
}

}  // namespace

TEST_CASE("Philox gives the known answers of Random123") {
  check({{0, 0, 0, 0}}, 0, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
  check({{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, 0xffffffffffffffff,
        {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
  check({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0x299f31d0a4093822,
        {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});
}

TEST_CASE("a pack of paths draws the same bits as the paths one by one") {
  constexpr std::uint64_t first =
      0xfffffffe;  // the low word of the counter overflows inside the pack
  const auto pack = four_normals<lanes::Pack>(7, path_lanes<lanes::Pack>(first), 3, 1);
  for (std::size_t i = 0; i < lanes::Traits<lanes::Pack>::width; ++i) {
    const auto single = four_normals<double>(7, first + i, 3, 1);
    for (int step = 0; step < 4; ++step) CHECK(lanes::lane(pack.z[step], i) == single.z[step]);
  }
}

TEST_CASE("normals have the moments and the distribution of a normal law") {
  constexpr std::size_t blocks = 500'000;
  double sum[5] = {};
  std::vector<double> below(7, 0.0);
  for (std::size_t path = 0; path < blocks; ++path) {
    const auto normals = four_normals<double>(11, path, 0);
    for (const double z : normals.z) {
      double power = 1;
      for (int p = 1; p <= 4; ++p) sum[p] += power *= z;
      for (int k = 0; k < 7; ++k) below[k] += z < k - 3.0;
    }
  }
  const double n = 4.0 * blocks;
  CHECK(std::abs(sum[1] / n) < 4 / std::sqrt(n));
  CHECK(std::abs(sum[2] / n - 1) < 4 * std::sqrt(2 / n));
  CHECK(std::abs(sum[3] / n) < 4 * std::sqrt(15 / n));
  CHECK(std::abs(sum[4] / n - 3) < 4 * std::sqrt(96 / n));
  for (int k = 0; k < 7; ++k) {
    const double p = norm_cdf(k - 3.0);
    CHECK(std::abs(below[k] / n - p) < 4 * std::sqrt(p * (1 - p) / n));
  }
}

TEST_CASE("normals of neighbouring steps, paths and streams are not correlated") {
  constexpr std::size_t paths = 200'000;
  double products[5] = {};
  for (std::size_t path = 0; path < paths; ++path) {
    const auto here = four_normals<double>(5, path, 0),
               next_block = four_normals<double>(5, path, 1);
    const auto next_path = four_normals<double>(5, path + 1, 0),
               stream = four_normals<double>(5, path, 0, 1);
    products[0] += here.z[0] * here.z[1];
    products[1] += here.z[1] * here.z[2];
    products[2] += here.z[0] * next_block.z[0];
    products[3] += here.z[0] * next_path.z[0];
    products[4] += here.z[0] * stream.z[0];
  }
  for (const double product : products) CHECK(std::abs(product) < 4 * std::sqrt(paths));
}

TEST_CASE("own exp and log agree with the library's to a few units in the last place") {
  for (int i = -7000; i <= 7000; ++i) {
    const double x = i * 0.0999;
    CHECK(lanes::exp(x) == Approx(std::exp(x)).epsilon(4e-16).margin(0));
    const double y = std::exp(x);
    CHECK(lanes::log(y) == Approx(std::log(y)).epsilon(5e-16).margin(1e-18));
  }
}

}  // namespace zomma::kernels
