// The report's charts: Apache ECharts rendered to SVG text, so that the page needs neither script nor network.

import * as echarts from 'echarts';
import type { LossPoint } from './report-data.ts';

const ink = '#3b3a36';
const muted = '#8a877e';
const grid = '#e4e1d8';
export const palette = ['#b4541f', '#2f6f73', '#c79a3a', '#6b5b95', '#7a8450'];

const axisStyle = {
  axisLabel: { color: ink, fontSize: 12 },
  axisLine: { lineStyle: { color: grid } },
  splitLine: { lineStyle: { color: grid } },
  axisTick: { show: false },
  nameTextStyle: { color: muted, align: 'center' },
};

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** What stands at the bar's end; the value when absent. */
  readonly label?: string;
  readonly color?: string;
}

/** Horizontal bars, first on top. */
export function drawBars(bars: readonly Bar[], { width = 760, logarithmic = false } = {}): string {
  const labelWidth = 14 + 7 * Math.max(...bars.map(({ name }) => Math.min(name.length, 34)));
  return draw(width, 36 + 30 * bars.length, {
    grid: { left: labelWidth, right: 110, top: 8, bottom: 24 },
    xAxis: {
      type: logarithmic ? 'log' : 'value',
      min: logarithmic ? 1 : 0,
      ...axisStyle,
      axisLabel: { color: muted },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ name }) => name),
      ...axisStyle,
      splitLine: { show: false },
    },
    series: [
      {
        type: 'bar',
        barWidth: 18,
        data: bars.map(({ value, label, color }, index) => ({
          value,
          itemStyle: { color: color ?? palette[index === 0 ? 0 : 1], borderRadius: [0, 3, 3, 0] },
          label: {
            show: true,
            position: 'right',
            color: ink,
            formatter: label ?? value.toLocaleString('en'),
          },
        })),
      },
    ],
  });
}

export interface Line {
  readonly name: string;
  readonly points: readonly LossPoint[];
}

/** Loss over optimiser steps, one line a series. */
export function drawLines(lines: readonly Line[], { width = 760, height = 320 } = {}): string {
  return draw(width, height, {
    color: palette,
    legend: { top: 0, right: 40, textStyle: { color: ink } },
    grid: { left: 56, right: 24, top: 34, bottom: 44 },
    xAxis: { type: 'value', name: 'optimiser step', nameLocation: 'middle', nameGap: 28, ...axisStyle },
    yAxis: { type: 'value', name: 'nats per token', scale: true, ...axisStyle },
    series: lines.map(({ name, points }, index) => ({
      name,
      type: 'line',
      showSymbol: points.length < 40 && index > 0,
      lineStyle: { width: index === 0 ? 1.2 : 2.4 },
      data: points.map(({ step, loss }) => [step, loss]),
    })),
  });
}

function draw(width: number, height: number, option: Record<string, unknown>): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'inherit' }, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
