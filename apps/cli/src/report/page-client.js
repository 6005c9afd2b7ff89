/* global document, window, echarts */
// Runs in the page: charts in the page's colours, light or dark and as wide as they are shown; explanations in a dialog.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const charts = read('chart-data');
  const explanations = read('explanation-data');
  const drawn = [];

  function colours() {
    const style = window.getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return {
      font: window.getComputedStyle(document.body).fontFamily,
      ink: of('--ink'),
      muted: of('--muted'),
      line: of('--line'),
      paper: of('--card'),
      series: ['--series-1', '--series-2', '--series-3'].map(of),
    };
  }

  const number = (value) => Number(value.toPrecision(6)).toLocaleString('en-US');

  function option(chart, { font, ink, muted, line, paper, series }, width) {
    const axis = {
      axisLabel: { color: muted, fontSize: 13 },
      axisLine: { lineStyle: { color: line } },
      splitLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      nameTextStyle: { color: muted },
    };
    const shared = {
      animation: false,
      color: series,
      textStyle: { fontFamily: font, color: ink },
      tooltip: {
        trigger: 'axis',
        confine: true,
        backgroundColor: paper,
        borderColor: line,
        textStyle: { color: ink },
        valueFormatter: number,
        axisPointer: { type: chart.kind === 'lines' ? 'line' : 'shadow' },
      },
      legend: { show: chart.series.length > 1, top: 0, left: 0, textStyle: { color: ink, fontSize: 13 } },
    };
    const top = chart.series.length > 1 ? 34 : 10;
    if (chart.kind === 'lines')
      return {
        ...shared,
        grid: { left: 8, right: 16, top, bottom: 28, containLabel: true },
        xAxis: {
          type: 'value',
          name: chart.across,
          nameLocation: 'middle',
          nameGap: 28,
          max: 'dataMax',
          ...axis,
        },
        yAxis: { type: 'value', scale: true, ...axis },
        series: chart.series.map(({ name, points }) => ({
          name,
          type: 'line',
          data: points,
          showSymbol: points.length < 30,
          symbolSize: 7,
          lineStyle: { width: points.length < 30 ? 2.5 : 1.5 },
        })),
      };
    const names = { type: 'category', data: chart.names, ...axis, splitLine: { show: false } };
    const values = {
      type: chart.logarithmic ? 'log' : 'value',
      min: chart.logarithmic ? 0.8 : 0,
      ...axis,
      axisLabel: {
        ...axis.axisLabel,
        hideOverlap: true,
        formatter: (value) => (value < 1 ? '' : compact(value)),
      },
      splitNumber: width < 500 ? 3 : 5,
    };
    const room = Math.max(90, Math.min(280, width * 0.4));
    return {
      ...shared,
      grid: { left: 8, right: 44, top, bottom: 8, containLabel: true },
      xAxis: chart.upright ? { ...names, axisLabel: { ...axis.axisLabel, hideOverlap: true } } : values,
      yAxis: chart.upright
        ? values
        : {
            ...names,
            inverse: true,
            axisLabel: { color: ink, fontSize: 13, width: room, overflow: 'truncate' },
          },
      series: chart.series.map(({ name, values: data }, index) => ({
        name,
        type: 'bar',
        stack: 'all',
        barMaxWidth: 22,
        data,
        label: {
          show: !chart.upright && chart.series.length === 1,
          position: 'right',
          color: ink,
          formatter: ({ value }) => number(value),
        },
        itemStyle: {
          borderRadius: index === chart.series.length - 1 ? (chart.upright ? [3, 3, 0, 0] : [0, 3, 3, 0]) : 0,
        },
      })),
    };
  }

  const compact = (value) =>
    value >= 1e9
      ? `${value / 1e9}G`
      : value >= 1e6
        ? `${value / 1e6}M`
        : value >= 1e4
          ? `${value / 1e3}k`
          : String(value);

  function draw() {
    while (drawn.length > 0) drawn.pop().dispose();
    const palette = colours();
    for (const [id, chart] of Object.entries(charts)) {
      const element = document.getElementById(id);
      if (!element) continue;
      const instance = echarts.init(element, null, { renderer: 'canvas' });
      instance.setOption(option(chart, palette, element.clientWidth));
      drawn.push(instance);
    }
  }

  const dialog = document.getElementById('explanation');
  function explain(id) {
    document.getElementById('explanation-title').textContent = explanations[id].place;
    document.getElementById('explanation-text').textContent = explanations[id].text;
    dialog.showModal();
    document.getElementById('explanation-text').scrollTop = 0;
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-explain]');
    if (button) explain(button.dataset.explain);
    else if (event.target === dialog || event.target.closest('[data-close]')) dialog.close();
  });
  let waiting;
  window.addEventListener('resize', () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(draw, 150);
  });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  window.addEventListener('beforeprint', draw);
  draw();
})();
