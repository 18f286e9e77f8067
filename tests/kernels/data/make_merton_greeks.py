#!/usr/bin/env python3
"""Writes merton_greeks.csv: prices under Merton's jump diffusion and their derivatives, by mpmath at
60 digits: the Poisson sum of Black-Scholes prices, differentiated by central differences (step 1e-15,
error 1e-28), so nothing of the kernels' formulas is in it. Usage: make_merton_greeks.py > merton_greeks.csv
"""
import random

import mpmath as mp

mp.mp.dps = 60
NAMES = ["S", "T", "r", "q", "sigma", "lambda", "muJ", "deltaJ"]
STEP = mp.mpf(10) ** -15


def cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def price(cp, k, S, T, r, q, sigma, lam, mu, delta):
    j = mp.exp(mu + delta * delta / 2) - 1
    m = lam * T
    total, weight, n = mp.mpf(0), mp.exp(-m), 0
    while True:
        forward = S * mp.exp((r - q) * T - m * j) * (1 + j) ** n
        s = mp.sqrt(sigma * sigma * T + n * delta * delta)
        d1 = mp.log(forward / k) / s + s / 2
        term = weight * cp * (forward * cdf(cp * d1) - k * cdf(cp * (d1 - s)))
        total += term
        n += 1
        weight *= m / n
        if n > 2 * m * (1 + abs(j)) + 20 and weight * (forward * (1 + abs(j)) + k) < mp.mpf(10) ** -55:
            return mp.exp(-r * T) * total


def shifted(cp, k, at, **moves):
    return price(cp, k, *[at[n] + moves.get(n, 0) for n in NAMES])


def first(cp, k, at, name):
    h = STEP * max(abs(at[name]), mp.mpf(1) / 1000)
    return (shifted(cp, k, at, **{name: h}) - shifted(cp, k, at, **{name: -h})) / (2 * h)


def second(cp, k, at, name):
    h = STEP * at[name]
    return (shifted(cp, k, at, **{name: h}) - 2 * price(cp, k, *[at[n] for n in NAMES])
            + shifted(cp, k, at, **{name: -h})) / (h * h)


def mixed(cp, k, at):
    a, b = STEP * at["S"], STEP * at["sigma"]
    f = lambda x, y: shifted(cp, k, at, S=x, sigma=y)
    return (f(a, b) - f(a, -b) - f(-a, b) + f(-a, -b)) / (4 * a * b)


def main():
    random.seed(20260731)
    columns = ["price", "delta", "gamma", "vega", "theta", "rho", "phi", "vanna", "vomma",
               "by_intensity", "by_jump_mean", "by_jump_deviation"]
    print(",".join(["cp", "K"] + NAMES + columns))
    u = random.uniform
    for i in range(160):
        lam = [0.0, u(0.01, 1), u(1, 10), u(10, 60)][i % 4]
        row = [100.0, u(0.02, 3), u(-0.02, 0.08), u(0, 0.05), u(0.05, 0.6), lam, u(-0.3, 0.2), u(0.02, 0.4)]
        row = [float(f"{x:.6g}") for x in row]
        cp, k = random.choice([1, -1]), float(f"{u(55, 180):.5g}")
        at = {n: mp.mpf(x) for n, x in zip(NAMES, row)}
        k_ = mp.mpf(k)
        # Without jumps the derivative by their intensity is the one from above.
        if lam == 0:
            by = lambda h: shifted(cp, k_, at, **{"lambda": h})
            h = STEP
            intensity = (-3 * by(0) + 4 * by(h) - by(2 * h)) / (2 * h)
        else:
            intensity = first(cp, k_, at, "lambda")
        values = [price(cp, k_, *[at[n] for n in NAMES]), first(cp, k_, at, "S"), second(cp, k_, at, "S"),
                  first(cp, k_, at, "sigma"), -first(cp, k_, at, "T"), first(cp, k_, at, "r"),
                  first(cp, k_, at, "q"), mixed(cp, k_, at), second(cp, k_, at, "sigma"), intensity,
                  first(cp, k_, at, "muJ"), first(cp, k_, at, "deltaJ")]
        print(",".join([str(cp), repr(k)] + [repr(x) for x in row] + [mp.nstr(v, 18) for v in values]))


main()
