/* page.js: draws the charts of a data page as SVG from the JSON inside the page. Loads nothing, keeps nothing. */
(() => {
  'use strict';
  const charts = JSON.parse(document.getElementById('charts').textContent);
  const svgName = 'http://www.w3.org/2000/svg';
  const width = 560, wide = 1120;

  const make = (parent, name, attributes, text) => {
    const node = document.createElementNS(svgName, name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    parent.appendChild(node);
    return node;
  };
  const hint = (node, text) => make(node, 'title', {}, text);
  const is = Number.isFinite;
  const extent = (values) => {
    let low = Infinity, high = -Infinity;
    for (const v of values) if (v !== null && is(v)) { low = Math.min(low, v); high = Math.max(high, v); }
    return low <= high ? [low, high] : [0, 1];
  };
  const padded = ([low, high]) => low === high ? [low - (Math.abs(low) || 1) * .5, high + (Math.abs(high) || 1) * .5] : [low, high];
  const ticks = (low, high, wanted) => {
    const raw = (high - low) / wanted, ten = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * ten).find((s) => s >= raw);
    const out = [];
    for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) out.push(Math.abs(v) < step * 1e-9 ? 0 : v);
    return out;
  };
  const number = (v) => {
    if (v === null || !is(v)) return '–';
    const size = Math.abs(v);
    if (size !== 0 && (size < 1e-3 || size >= 1e7)) return v.toExponential(2);
    return v.toLocaleString('en', { maximumFractionDigits: size >= 1000 ? 0 : size >= 10 ? 2 : 4 });
  };
  const clock = (ns, span) => {
    const text = new Date(ns / 1e6).toISOString();
    return span > 2 * 864e14 ? text.slice(0, 10) : text.slice(11, 19);
  };
  // From poor (orange) over pale to good (blue): told apart by people who do not tell red from green.
  const ramp = [[194, 98, 12], [246, 197, 139], [236, 238, 241], [144, 180, 240], [31, 95, 214]];
  const colour = (share) => {
    const at = Math.max(0, Math.min(1, share)) * (ramp.length - 1), i = Math.min(Math.floor(at), ramp.length - 2), f = at - i;
    return `rgb(${ramp[i].map((c, k) => Math.round(c + (ramp[i + 1][k] - c) * f)).join(',')})`;
  };

  const frame = (box, w, h, label) => make(box, 'svg', { viewBox: `0 0 ${w} ${h}`, role: 'img', 'aria-label': label });
  const axes = (svg, area, xs, ys, xName, yName, xText, yText = number) => {
    for (const y of ticks(ys[0], ys[1], 5)) {
      const at = area.y(y);
      make(svg, 'line', { class: y === 0 ? 'zero' : 'grid', x1: area.left, x2: area.right, y1: at, y2: at });
      make(svg, 'text', { x: area.left - 6, y: at + 4, 'text-anchor': 'end' }, yText(y));
    }
    for (const x of ticks(xs[0], xs[1], area.right - area.left > 700 ? 8 : 5))
      make(svg, 'text', { x: area.x(x), y: area.bottom + 16, 'text-anchor': 'middle' }, xText(x));
    make(svg, 'text', { x: area.right, y: area.bottom + 31, 'text-anchor': 'end' }, xName || '');
    make(svg, 'text', { x: area.left - 6, y: area.top - 8, 'text-anchor': 'start' }, yName || '');
  };
  const area = (w, h, xs, ys, left = 62) => {
    const a = { left, right: w - 12, top: 22, bottom: h - 36 };
    a.x = (v) => a.left + (v - xs[0]) / (xs[1] - xs[0]) * (a.right - a.left);
    a.y = (v) => a.bottom - (v - ys[0]) / (ys[1] - ys[0]) * (a.bottom - a.top);
    return a;
  };
  const legend = (box, series) => {
    if (series.length < 2) return;
    const row = document.createElement('div');
    row.className = 'legend';
    series.forEach((s) => {
      const item = document.createElement('span'), mark = document.createElement('i');
      mark.style.borderTopColor = `var(--${s.css})`;
      item.append(mark, s.name);
      row.appendChild(item);
    });
    box.appendChild(row);
  };
  const named = (series) => {
    let other = 0;
    for (const s of series) s.css = s.own ? 'own' : `other-${other++ % 4}`;
  };

  const draw = {
    lines(box, c, w) {
      named(c.series);
      const h = 300, xs = padded(extent(c.series.flatMap((s) => s.x))), ys = padded(extent(c.series.flatMap((s) => s.y)));
      const svg = frame(box, w, h, c.y_name), a = area(w, h, xs, ys);
      axes(svg, a, xs, ys, c.x_name, c.y_name, c.time ? (x) => clock(x, xs[1] - xs[0]) : number);
      for (const s of [...c.series].reverse()) {
        let path = '';
        s.x.forEach((x, i) => { if (s.y[i] !== null) path += `${path ? 'L' : 'M'}${a.x(x).toFixed(1)} ${a.y(s.y[i]).toFixed(1)}`; });
        hint(make(svg, 'path', { class: `line ${s.css}`, d: path }), s.name);
      }
      legend(box, c.series);
    },
    heat(box, c, w) {
      const cell = Math.max(16, Math.min(40, 340 / c.y.length)), h = 58 + cell * c.y.length + 40;
      const svg = frame(box, w, h, c.value_name), left = 92, right = w - 12, size = (right - left) / c.x.length, top = 22;
      const [low, high] = extent(c.values.flat());
      make(svg, 'text', { x: 2, y: 12 }, `${c.y_name} down, ${c.x_name} across; colour: ${c.value_name}, ${number(low)} to ${number(high)}`);
      c.y.forEach((y, j) => {
        make(svg, 'text', { x: left - 6, y: top + cell * (j + .5) + 4, 'text-anchor': 'end' }, y);
        c.x.forEach((x, i) => {
          const v = c.values[j][i];
          const share = high > low ? (v - low) / (high - low) : .5;
          const fill = v === null ? 'var(--grid)' : colour(share);
          hint(make(svg, 'rect', { x: left + size * i, y: top + cell * j, width: size - 1, height: cell - 1, fill }),
               `${c.x_name} ${x}, ${c.y_name} ${y}: ${number(v)}`);
          if (size > 44 && v !== null)
            make(svg, 'text', { x: left + size * (i + .5), y: top + cell * (j + .5) + 4, 'text-anchor': 'middle', style: `fill:${share > .85 || share < .1 ? '#fff' : '#15191f'}` }, number(v));
        });
      });
      const every = Math.ceil(46 / size);
      c.x.forEach((x, i) => { if (i % every === 0) make(svg, 'text', { x: left + size * (i + .5), y: top + cell * c.y.length + 15, 'text-anchor': 'middle' }, x); });
    },
    parallel(box, c, w) {
      const h = 320, svg = frame(box, w, h, `parameters and ${c.value_name}`), count = c.axes.length + 1;
      const at = (i) => 60 + i * (w - 130) / (count - 1), top = 34, bottom = h - 22;
      const ends = c.axes.map((axis, i) => padded(axis.words ? [0, axis.words.length - 1] : extent(c.rows.map((r) => r[i]))));
      const values = extent(c.rows.map((r) => r[count - 1])), span = padded(values);
      ends.push(span);
      const y = (v, i) => bottom - (v - ends[i][0]) / (ends[i][1] - ends[i][0]) * (bottom - top);
      const rank = [...c.rows].filter((r) => r[count - 1] !== null).sort((p, q) => p[count - 1] - q[count - 1]);
      rank.forEach((row, place) => {
        const path = row.map((v, i) => `${i ? 'L' : 'M'}${at(i).toFixed(1)} ${y(v, i).toFixed(1)}`).join('');
        const line = make(svg, 'path', { d: path, fill: 'none', stroke: colour((row[count - 1] - span[0]) / (span[1] - span[0])),
                                         'stroke-width': place === rank.length - 1 ? 3 : 1.1, opacity: place === rank.length - 1 ? 1 : .75 });
        hint(line, c.axes.map((axis, i) => `${axis.name} ${axis.words ? axis.words[row[i]] : number(row[i])}`).join(', ') + `: ${number(row[count - 1])}`);
        line.addEventListener('pointerenter', () => line.setAttribute('stroke-width', 4));
        line.addEventListener('pointerleave', () => line.setAttribute('stroke-width', 1.1));
      });
      [...c.axes, { name: c.value_name }].forEach((axis, i) => {
        make(svg, 'line', { class: 'zero', x1: at(i), x2: at(i), y1: top, y2: bottom });
        make(svg, 'text', { class: 'name', x: at(i), y: 14, 'text-anchor': 'middle' }, axis.name.length > 24 ? '…' + axis.name.slice(-23) : axis.name);
        const marks = axis.words ? axis.words.map((word, k) => [k, word]) : [ends[i][0], ends[i][1]].map((v) => [v, number(v)]);
        for (const [v, word] of marks) make(svg, 'text', { x: at(i) + 5, y: y(v, i) + (v === ends[i][0] ? 13 : -3) }, word);
      });
    },
    histogram(box, c, w) {
      named(c.series);
      const h = 280, xs = [c.edges[0], c.edges[c.edges.length - 1]], ys = [0, extent(c.series.flatMap((s) => s.shares))[1] || 1];
      const svg = frame(box, w, h, c.x_name), a = area(w, h, xs, ys, 48);
      axes(svg, a, xs, ys, c.x_name, 'share of paths', number, (v) => `${(v * 100).toFixed(ys[1] < .1 ? 1 : 0)} %`);
      for (const s of [...c.series].reverse()) {
        let path = `M${a.x(xs[0])} ${a.bottom}`;
        s.shares.forEach((share, i) => { path += `L${a.x(c.edges[i]).toFixed(1)} ${a.y(share).toFixed(1)}L${a.x(c.edges[i + 1]).toFixed(1)} ${a.y(share).toFixed(1)}`; });
        path += `L${a.x(xs[1])} ${a.bottom}`;
        hint(make(svg, 'path', { class: `line ${s.css}`, d: path, style: s.own ? 'fill:var(--own);fill-opacity:.18' : '' }), s.name);
      }
      legend(box, c.series);
    },
    points(box, c, w) {
      const h = 320, xs = padded(extent(c.points.map((p) => p[0]))), ys = padded(extent(c.points.map((p) => p[1])));
      const [low, high] = extent(c.points.map((p) => p[2])), svg = frame(box, w, h, c.value_name), a = area(w, h, xs, ys);
      axes(svg, a, xs, ys, c.x_name, c.y_name, number);
      for (const [x, y, v] of c.points) {
        if (x === null || y === null) continue;
        hint(make(svg, 'circle', { cx: a.x(x).toFixed(1), cy: a.y(y).toFixed(1), r: c.points.length > 400 ? 2 : 4, fill: colour(high > low ? (v - low) / (high - low) : .5), opacity: .85 }),
             `${c.x_name} ${number(x)}, ${c.y_name} ${number(y)}: ${c.value_name} ${number(v)}`);
      }
    },
  };
  for (const box of document.querySelectorAll('[data-chart]')) {
    const chart = charts[Number(box.dataset.chart)];
    draw[chart.kind](box, chart, box.closest('.grid-2') ? width : wide);
  }
})();
