#!/usr/bin/env python3
"""Writes european.csv and implied.csv into a folder: random options with the Black-Scholes-Merton value,
25 partial derivatives, the condition of each, and Black volatilities of prices, by sympy's derivatives of
the textbook formula evaluated by mpmath at 420 digits (its erfc(-x) = 2 - erfc(x) loses 300 of them 36
deviations out): nothing of the kernels' forms is in it.
Usage: make_european_truth.py FOLDER ROWS SEED      (the tables here: . 300 20260731)
"""
import random
import sys

import mpmath as mp
import sympy as sp

mp.mp.dps = 420
NAMES = ["V", "V_S", "V_K", "V_T", "V_r", "V_q", "V_v", "V_SS", "V_KK", "V_Sv", "V_ST", "V_vv", "V_vT", "V_TT",
         "V_Sr", "V_vr", "V_SSS", "V_SSv", "V_SST", "V_Svv", "V_SvT", "V_STT", "V_vvv", "V_vvT", "V_vTT", "V_TTT"]
INPUTS = sp.symbols("S K T r q v", real=True)
CP = sp.Symbol("c")


def formula():
    S, K, T, r, q, v = INPUTS
    s = v * sp.sqrt(T)
    d1 = (sp.log(S / K) + (r - q) * T) / s + s / 2
    cdf = lambda x: sp.erfc(-x / sp.sqrt(2)) / 2
    return CP * (S * sp.exp(-q * T) * cdf(CP * d1) - K * sp.exp(-r * T) * cdf(CP * (d1 - s)))


def compiled():
    by_name = {str(x): x for x in INPUTS}
    value, expressions = formula(), []
    for name in NAMES:
        f = value
        for letter in name[2:]:
            f = sp.diff(f, by_name[letter])
        expressions.append(f)
    slopes = [sp.diff(f, x) for f in expressions for x in INPUTS]
    return sp.lambdify((CP,) + INPUTS, expressions + slopes, "mpmath", cse=True)


def short(x, digits=6):
    """A double that its text gives back."""
    return float(f"{float(x):.{digits}g}")


def option(kind):
    u = random.uniform
    S, T, v, r, q = 10 ** u(0, 3.5), u(0.02, 3), u(0.08, 0.8), u(-0.01, 0.08), u(0, 0.05)
    sd = u(-2.5, 2.5)
    if kind == "tail":
        sd = random.choice([-1, 1]) * u(5, 36)
    elif kind == "tiny_T":
        T = 10 ** u(-9, -3)
    elif kind == "tiny_vol":
        v, sd = 10 ** u(-7, -2), u(-6, 6)
    elif kind == "negative_rates":
        r, q = u(-0.08, 0), u(-0.05, 0.02)
    elif kind == "at_the_money":
        sd = random.choice([0.0, 1e-9, -1e-6, 1e-3])
    elif kind == "long_high_vol":
        T, v = u(5, 40), u(0.5, 2.5)
    elif kind == "price_scale":
        S = 10 ** u(-80, 80)
    elif kind == "zero_rates":
        r = q = 0.0
    S, T, v, r, q = short(S), short(T), short(v), short(r), short(q)
    K = short(S * mp.exp((r - q) * T + sd * v * mp.sqrt(T)), 12)
    return S, K, T, r, q, v


def european(path, rows):
    f = compiled()
    kinds = ["market", "tail", "tiny_T", "tiny_vol", "negative_rates", "at_the_money", "long_high_vol",
             "price_scale", "zero_rates", "market"]
    with open(path, "w") as out:
        out.write(",".join(["category", "cp", "S", "K", "T", "r", "q", "sigma"] + NAMES + ["c_" + n for n in NAMES]) + "\n")
        for i in range(rows):
            kind, cp, x = kinds[i % len(kinds)], random.choice([1, -1]), option(kinds[i % len(kinds)])
            values = f(mp.mpf(cp), *[mp.mpf(a) for a in x])
            conditions = []
            for n in range(len(NAMES)):
                slopes = values[len(NAMES) + 6 * n:len(NAMES) + 6 * n + 6]
                total = sum(abs(mp.mpf(a) * s) for a, s in zip(x, slopes))
                conditions.append(total / abs(values[n]) if values[n] != 0 else mp.mpf(0))
            out.write(",".join([kind, str(cp)] + [repr(a) for a in x] + [mp.nstr(a, 18) for a in values[:len(NAMES)]]
                               + [mp.nstr(a, 3) for a in conditions]) + "\n")


def black(cp, F, K, s):
    d1 = mp.log(F / K) / s + s / 2
    cdf = lambda x: mp.erfc(-x / mp.sqrt(2)) / 2
    return cp * (F * cdf(cp * d1) - K * cdf(cp * (d1 - s))), F * mp.exp(-d1 * d1 / 2) / mp.sqrt(2 * mp.pi)


def implied(path, rows):
    with open(path, "w") as out:
        out.write("category,cp,F,K,T,price,sigma,cond\n")
        kinds = ["market", "tail", "tiny_T", "at_the_money", "long_high_vol", "price_scale"]
        done = 0
        while done < rows:
            kind, cp = kinds[done % len(kinds)], random.choice([1, -1])
            F, K, T, _, _, v = option(kind)
            if kind == "tail" and (cp > 0) != (K > F) and random.random() < 0.8:
                cp = -cp
            forward, strike, root = mp.mpf(F), mp.mpf(K), mp.sqrt(mp.mpf(T))
            price = float(black(cp, forward, strike, v * root)[0])
            intrinsic = max(cp * (F - K), 0.0)
            if not (price > intrinsic and price > 1e-290 * K and price < (F if cp > 0 else K)):
                continue
            # Newton on the logarithm of the time value, which is exact in what the double price says.
            time_value = mp.mpf(price) - max(cp * (forward - strike), mp.mpf(0))
            s = mp.mpf(v) * root
            for _ in range(60):
                value, slope = black(cp, forward, strike, s)
                left = value - max(cp * (forward - strike), mp.mpf(0))
                step = left / slope * mp.log(time_value / left)
                s += max(step, -s / 2)
                if abs(step) < mp.mpf(10) ** -45 * s:
                    break
            value, slope = black(cp, forward, strike, s)
            condition = mp.mpf(price) / (s * slope)
            if condition > 1e13 or abs(value / mp.mpf(price) - 1) > mp.mpf(10) ** -40:
                continue
            out.write(f"{kind},{cp},{F!r},{K!r},{T!r},{price!r},{mp.nstr(s / root, 18)},{mp.nstr(condition, 4)}\n")
            done += 1


def main():
    folder, rows, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    random.seed(seed)
    with mp.workdps(120):
        implied(folder + "/implied.csv", rows)
    european(folder + "/european.csv", rows)


main()
