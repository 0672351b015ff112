/*
  Draws the charts of a page. A chart is <div data-chart="id of its data"> beside the table of the same
  figures; the data are JSON of enrollment/admin/charts.py. Colours are the custom properties of the
  theme, read when a chart is made. Texts and numbers come ready from the server: nothing is computed
  here. Nothing writes an inline style sheet or handler. Baseline: Chromium 88.
*/
'use strict';
{
  const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
  const LOOKS = {
    now: ['--tc-c1', 'solid', 2.5], projected: ['--tc-c1', 'dashed', 2], last: ['--tc-c0', 'solid', 1.5],
    target: ['--tc-c2', 'dotted', 1.5], first: ['--tc-c1', 'solid', 2], second: ['--tc-c3', 'dashed', 2],
    third: ['--tc-c4', [10, 4, 2, 4], 2], fourth: ['--tc-c5', [2, 3], 2], fifth: ['--tc-c2', [12, 3], 2]
  };
  const boxes = () => Array.from(document.querySelectorAll('[data-chart]'));
  const read = (box) => JSON.parse(document.getElementById(box.dataset.chart).textContent);
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const shown = (data, value) => (value === null || value === undefined ? '—' :
    value.toLocaleString('en', { minimumFractionDigits: data.places, maximumFractionDigits: data.places }).replace('-', '−') + data.unit);

  const tooltip = (data) => ({
    trigger: 'axis', renderMode: 'richText', confine: true, backgroundColor: token('--tc-surface'),
    borderColor: token('--tc-border'), padding: [6, 10], axisPointer: { type: data.kind === 'bar' ? 'shadow' : 'line', lineStyle: { color: token('--tc-c0') } },
    textStyle: { color: token('--tc-ink'), fontFamily: FONT, fontSize: 12 }, valueFormatter: (value) => shown(data, value)
  });
  const labels = (data) => ({
    color: token('--tc-chart-text'), fontFamily: FONT, hideOverlap: true,
    ...(data.marks.length ? { interval: (index) => data.marks.includes(index), showMinLabel: true, showMaxLabel: true } : {})
  });
  const axes = (data) => {
    const named = {
      type: 'category', data: data.axis, boundaryGap: data.kind === 'bar', axisTick: { show: false }, inverse: data.lying,
      axisLine: { lineStyle: { color: token('--tc-border') } }, axisLabel: labels(data)
    };
    const counted = {
      type: 'value', min: data.least === null ? undefined : data.least, max: data.most === null ? undefined : data.most,
      splitNumber: 4, minInterval: data.places ? 0 : 1, scale: data.least === null, axisLabel: { color: token('--tc-chart-text'), fontFamily: FONT, formatter: (value) => value.toLocaleString('en') + data.unit },
      splitLine: { lineStyle: { color: token('--tc-chart-grid') } }
    };
    return data.lying ? { xAxis: counted, yAxis: named } : { xAxis: named, yAxis: counted };
  };
  const line = (series) => {
    const [colour, type, width] = LOOKS[series.look];
    return {
      name: series.name, type: 'line', data: series.values, showSymbol: false, symbol: 'circle', symbolSize: 6, z: 3,
      lineStyle: { color: token(colour), type, width }, itemStyle: { color: token(colour) }, emphasis: { disabled: true },
      labelLayout: { moveOverlap: 'shiftY' },
      endLabel: { show: Boolean(series.end), formatter: series.end, color: token('--tc-ink-2'), fontFamily: FONT, fontSize: 12, distance: 6, padding: [2, 0] },
      ...(series.point ? { markPoint: {
        symbol: 'circle', symbolSize: 8, silent: true, itemStyle: { color: token(colour) }, data: [{ coord: [series.point.at, series.values[series.point.at]] }],
        label: { show: true, position: 'right', distance: 8, offset: [0, 10], formatter: series.point.text, color: token('--tc-ink'), fontWeight: 600, fontFamily: FONT }
      } } : {})
    };
  };
  const bar = (data, series) => ({
    name: series.name, type: 'bar', data: series.values, stack: data.stacked ? 'all' : undefined, barMaxWidth: 28,
    itemStyle: { color: token(LOOKS[series.look][0]), borderColor: token('--tc-surface'), borderWidth: data.stacked ? 1 : 0 }, emphasis: { disabled: true }
  });
  /* An area between two lines: the lower one unseen, the difference stacked upon it. */
  const band = (data) => {
    if (!data.band) return [];
    const unseen = { type: 'line', stack: 'band', symbol: 'none', silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
    return [
      { ...unseen, name: `${data.band.name} 1`, data: data.band.low },
      { ...unseen, name: `${data.band.name} 2`, data: data.band.width, areaStyle: { color: token('--tc-chart-band'), opacity: 1 } }
    ];
  };
  const draw = (box) => {
    const old = window.echarts.getInstanceByDom(box);
    if (old) old.dispose();
    const data = read(box);
    const chart = window.echarts.init(box, null, { renderer: 'canvas' });
    chart.setOption({
      animation: false, textStyle: { fontFamily: FONT, fontSize: 12, color: token('--tc-chart-text') },
      grid: { left: 8, right: data.series.some((series) => series.end) ? 112 : 16, top: 16, bottom: 4, containLabel: true },
      tooltip: tooltip(data), ...axes(data),
      series: [...band(data), ...data.series.map((series) => (data.kind === 'bar' ? bar(data, series) : line(series)))]
    });
    return chart;
  };

  /* ---------- keys: the arrows walk along the axis, and what stands there is read aloud ---------- */
  const walk = (box, event) => {
    const data = read(box);
    const last = data.axis.length - 1;
    const at = Number(box.dataset.at || data.at);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = Math.min(last, Math.max(0, to));
    box.dataset.at = index;
    window.echarts.getInstanceByDom(box).dispatchAction({ type: 'showTip', seriesIndex: data.band ? 2 : 0, dataIndex: index });
    const told = data.series.filter((series) => series.values[index] !== null).map((series) => `${series.name} ${shown(data, series.values[index])}`);
    const line = box.parentElement.querySelector('[data-chart-said]');
    if (line) line.textContent = [data.axis[index], ...told].join(', ');
  };

  /* ---------- a slider over days: <input type=range data-slides="id of a date" data-first="day"> ---------- */
  const slide = (range) => {
    const day = document.getElementById(range.dataset.slides);
    const told = range.parentElement.querySelector('output');
    range.hidden = false;
    range.addEventListener('input', () => {
      const first = new Date(`${range.dataset.first}T00:00:00Z`);
      first.setUTCDate(first.getUTCDate() + Number(range.value));
      day.value = first.toISOString().slice(0, 10);
      range.setAttribute('aria-valuetext', day.value);
      if (told) told.textContent = day.value.slice(5);
    });
    range.addEventListener('change', () => range.form.requestSubmit());
  };

  const start = () => {
    document.querySelectorAll('[data-slides]').forEach(slide);
    if (!window.echarts) return;
    const again = () => boxes().forEach(draw);
    again();
    boxes().forEach((box) => {
      box.addEventListener('keydown', (event) => walk(box, event));
      new ResizeObserver(() => { const chart = window.echarts.getInstanceByDom(box); if (chart) chart.resize(); }).observe(box);
    });
    window.addEventListener('tc:theme', again);
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  };
  /* Paper shows the table: a closed one is not printed. */
  const tables = () => Array.from(document.querySelectorAll('details.tc-chart-table:not([open])'));
  let opened = [];
  window.addEventListener('beforeprint', () => { opened = tables(); opened.forEach((table) => { table.open = true; }); });
  window.addEventListener('afterprint', () => { opened.forEach((table) => { table.open = false; }); });
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start); else start();
}
