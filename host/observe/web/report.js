// report.js: brings the HTML report to life: choosing what to look at, and, where uPlot is inside, charts that can be read
// and zoomed. Reads the figures from #plots; asks nobody for anything.
"use strict";
(() => {
  const show = (group, key) => {
    for (const panel of document.querySelectorAll(`[data-group="${group}"]`)) panel.hidden = panel.dataset.key !== key;
  };
  const pickers = document.querySelectorAll("select[data-picks]");
  const followPickers = (changed) => {
    for (const picker of pickers) {
      const apply = () => { show(picker.dataset.picks, picker.value); changed(); };
      picker.addEventListener("change", apply);
      apply();
    }
  };

  const source = document.getElementById("plots");
  if (!source || typeof uPlot === "undefined") return followPickers(() => {});

  const data = JSON.parse(source.textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const seconds = (t) => t.map((s) => data.origin + s);
  const sync = { key: "time" };
  const font = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  const decimals = (digits) => (u, v) => v == null ? "–" : v.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const clock = (t) => new Date(t * 1e3).toISOString().replace("T", " ").slice(0, 21);

  const axes = (digits) => {
    const shared = () => ({ stroke: colour("--soft"), font, grid: { stroke: colour("--grid"), width: 1 }, ticks: { stroke: colour("--line"), width: 1, size: 5 } });
    const x = shared();
    x.size = 32;
    x.space = 62;  // a year and a month, or a time with its seconds
    x.values = (u, splits, axis, space, step) => splits.map((t) => {
      const text = new Date(t * 1e3).toISOString();
      return step >= 20 * 86400 ? text.slice(0, 7) : step >= 86400 ? text.slice(5, 10) : step >= 60 ? text.slice(11, 16) : step >= 1 ? text.slice(11, 19) : text.slice(14, 23);
    });
    const y = shared();
    y.size = 78;  // the same for all, so that they line up
    y.values = (u, splits) => {
      const step = splits.length > 1 ? Math.abs(splits[1] - splits[0]) : 1;
      let needed = 0;
      while (needed < digits && Math.abs(step * 10 ** needed - Math.round(step * 10 ** needed)) > 1e-6) needed++;
      return splits.map((v) => v.toLocaleString("en-US", { minimumFractionDigits: needed, maximumFractionDigits: needed }));
    };
    return [x, y];
  };
  const base = (height, digits) => ({
    height, axes: axes(digits), cursor: { sync, drag: { x: true, y: false }, points: { size: 6 } },
    tzDate: (t) => uPlot.tzDate(new Date(t * 1e3), "Etc/UTC"),
    // One range for all charts of the page, so that they line up.
    scales: { x: { time: true, range: (u, min, max) => min === null || max - min < 1e-3 ? [data.origin, data.origin + Math.max(data.length, 1)] : [min, max] } },
    legend: { live: true },
  });
  const timeSeries = { label: "UTC", value: (u, t) => t == null ? "–" : clock(t) };

  const equity = () => {
    const curves = data.equity;
    const table = uPlot.join(curves.map((c) => [seconds(c.t), c.v]));
    const options = base(300, 8);
    options.series = [timeSeries, ...curves.map((c) => ({
      label: c.name, stroke: colour(c.colour), width: c.dash ? 1.4 : 1.8, dash: c.dash ? [6, 4] : undefined, spanGaps: true,
      points: { show: false }, value: decimals(data.money_digits),
    }))];
    return [options, table];
  };
  const drawdown = () => {
    const options = base(140, 8);
    options.series = [timeSeries, {
      label: "below the peak", stroke: colour("--bad"), fill: colour("--bad-soft"), width: 1.2, points: { show: false },
      value: decimals(data.money_digits),
    }];
    return [options, [seconds(data.drawdown.t), data.drawdown.v]];
  };

  const triangle = (context, x, y, up, size) => {
    const tip = up ? -size : size;
    context.moveTo(x, y + tip);
    context.lineTo(x - size, y - tip * .75);
    context.lineTo(x + size, y - tip * .75);
    context.closePath();
  };
  const drawFills = (up, name) => (u, index) => {
    const [xs, ys] = [u.data[0], u.data[index]];
    const context = u.ctx;
    const seen = xs.reduce((n, x, i) => n + (ys[i] != null && x >= u.scales.x.min && x <= u.scales.x.max ? 1 : 0), 0);
    const size = (seen > 600 ? 2.2 : seen > 150 ? 3.2 : 4.6) * devicePixelRatio;
    context.save();
    context.beginPath();
    context.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    context.clip();
    context.beginPath();
    for (let i = 0; i < xs.length; i++) {
      if (ys[i] == null || xs[i] < u.scales.x.min || xs[i] > u.scales.x.max) continue;
      triangle(context, u.valToPos(xs[i], "x", true), u.valToPos(ys[i], "y", true), up, size);
    }
    context.fillStyle = colour(name);
    context.globalAlpha = .85;
    context.fill();
    context.restore();
  };
  const price = (market) => {
    const side = (wanted) => {
      const keep = market.fills.side.map((s, i) => s === wanted ? i : -1).filter((i) => i >= 0);
      return [seconds(keep.map((i) => market.fills.t[i])), keep.map((i) => market.fills.price[i])];
    };
    const table = uPlot.join([[seconds(market.mid.t), market.mid.v], side(0), side(1)]);
    const options = base(320, 8);
    const value = decimals(market.digits);
    const drawers = { 2: drawFills(true, "--good"), 3: drawFills(false, "--bad") };
    options.series = [timeSeries,
      { label: "mid", stroke: colour("--mid"), width: 1.1, spanGaps: true, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }), value },
      { label: "bought", stroke: colour("--good"), paths: () => null, points: { show: false }, value },
      { label: "sold", stroke: colour("--bad"), paths: () => null, points: { show: false }, value }];
    options.hooks = { draw: [(u) => { for (const index of [2, 3]) if (u.series[index].show) drawers[index](u, index); }] };
    return [options, table];
  };
  const inventory = (market) => {
    const options = base(170, 8);
    options.series = [timeSeries, {
      label: "position", stroke: colour("--own"), fill: colour("--own") + "22", width: 1.4, points: { show: false },
      paths: uPlot.paths.stepped({ align: 1 }), value: decimals(market.quantity_digits),
    }];
    return [options, [seconds(market.position.t), market.position.v]];
  };

  // Any curves over time, with marks on the first.
  const lines = (chart) => {
    const columns = chart.series.map((s) => [seconds(s.at.t), s.at.v]);
    const marks = chart.marks.map((m) => [seconds(m.at.t), m.at.price]);
    const options = base(chart.height, 8);
    const value = decimals(chart.digits);
    const drawers = new Map(chart.marks.map((m, i) => [1 + columns.length + i, drawFills(m.up, m.colour)]));
    options.series = [timeSeries,
      ...chart.series.map((s) => ({
        label: s.name, stroke: colour(s.colour), width: 1.3, spanGaps: true, points: { show: false },
        paths: chart.steps ? uPlot.paths.stepped({ align: 1 }) : undefined, value,
      })),
      ...chart.marks.map((m) => ({ label: m.name, stroke: colour(m.colour), paths: () => null, points: { show: false }, value }))];
    options.hooks = { draw: [(u) => { for (const [index, draw] of drawers) if (u.series[index].show) draw(u, index); }] };
    return [options, uPlot.join([...columns, ...marks])];
  };

  const charts = new Map();
  const width = (box) => Math.max(280, Math.floor(box.getBoundingClientRect().width));
  const build = (box) => {
    const [kind, index] = box.dataset.plot.split(":");
    const shown = index === undefined ? null : (kind === "lines" ? data.lines : data.markets)[Number(index)];
    const [options, table] = { equity, drawdown, price, inventory, lines }[kind](shown);
    options.width = width(box);
    box.textContent = "";
    charts.set(box, new uPlot(options, table, box));
  };
  // Hidden charts have no width: they are made when they are first looked at.
  const buildVisible = () => {
    for (const box of document.querySelectorAll("[data-plot]")) {
      if (box.closest("[hidden]")) continue;
      const chart = charts.get(box);
      if (!chart) build(box);
      else if (chart.width !== width(box)) chart.setSize({ width: width(box), height: chart.height });
    }
  };
  const rebuild = () => {
    for (const chart of charts.values()) chart.destroy();
    charts.clear();
    buildVisible();
  };
  followPickers(buildVisible);
  buildVisible();
  addEventListener("resize", buildVisible);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", rebuild);
})();
