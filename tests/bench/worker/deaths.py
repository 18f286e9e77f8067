#!/usr/bin/env python3
"""deaths.py BUILD [KILLS]: how soon the death of a strategy's process is seen and its orders treated, and how soon it is begun again.

Runs the main job five times as fast as it was recorded, both strategies in processes of their own, and kills one of them every
third of a second. The times are those between the signal and the host's line about it.
"""
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

build = pathlib.Path(sys.argv[1]).resolve()
kills = int(sys.argv[2]) if len(sys.argv) > 2 else 40
source = pathlib.Path(__file__).resolve().parents[3]


def configuration(folder):
    """The main job's configuration, with its state in `folder` and each strategy in its own process."""
    text = (source / "config/zomma.toml").read_text().replace("../examples", f"{source}/examples")
    text = re.sub(r"(?m)^state_dir.*", f'state_dir = "{folder}/state"', text)
    text = re.sub(r"(?m)^speed = 0.*", "speed = 5", text).replace('mode = "auto"', 'mode = "off"')
    for section in ("metrics", "bus"):
        text = text.replace(f"[{section}]", f"[{section}]\nenabled = false")
    (folder / "plugins.d").mkdir()
    (folder / "run.toml").write_text(text)
    plugins = (source / "config/plugins.d/hft_alpha.toml").read_text()
    plugins = plugins.replace('path = "hft_alpha.so"', 'path = "hft_alpha.so"\nisolation = "process"')
    plugins = re.sub(r"(?m)^\[plugin\.(\w+)\.params\]", r"[plugin.\1.process]\nrestarts = 1000\n\n\g<0>", plugins)
    (folder / "plugins.d/strategies.toml").write_text(plugins)
    return folder / "run.toml"


with tempfile.TemporaryDirectory() as name:
    host = subprocess.Popen([build / "bin/zomma", "run", configuration(pathlib.Path(name)), "--no-report"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    lines = []

    def listen():
        for line in host.stderr:
            lines.append((time.monotonic(), line))

    threading.Thread(target=listen, daemon=True).start()
    time.sleep(2)
    random.seed(1)
    seen, again = [], []
    for _ in range(kills):
        workers = subprocess.run(["pgrep", "-P", str(host.pid)], capture_output=True, text=True).stdout.split()
        if not workers:
            break
        known, killed = len(lines), time.monotonic()
        os.kill(int(random.choice(workers)), signal.SIGKILL)
        time.sleep(0.33)
        for phrase, times in (("faulted:", seen), ("begins again", again)):
            times += [1e3 * (at - killed) for at, line in lines[known:] if phrase in line][:1]
    host.send_signal(signal.SIGINT)
    if host.wait() != 0 or not seen or not again:
        sys.exit("the run did not end in order:\n" + "".join(line for _, line in lines[-20:]))
    for what, times in (("seen", seen), ("begun again", again)):
        times.sort()
        print(f"{what:12} {len(times)} of {kills}: p50 {times[len(times) // 2]:.1f} ms, longest {times[-1]:.1f} ms")
