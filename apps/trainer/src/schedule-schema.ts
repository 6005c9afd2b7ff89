// The settings of the learning rate's schedule.

import type { OptionSchema, ResolvedOptions } from '@gristmill/core';
import { natural, rate } from './setting-kinds.ts';

const floor = { minLearningRate: rate(6e-5, 'At the end of the fall.') };
const fall = {
  decaySteps: natural(
    0,
    'Steps of the fall. cosine, linear: after the warm-up, 0: to the last step; trapezoid: up to the last step, 0: a fifth of all.',
  ),
};

const schemas = {
  cosine: { ...floor, ...fall },
  linear: { ...floor, ...fall },
  trapezoid: {
    ...floor,
    ...fall,
    decayShape: {
      type: 'string',
      values: ['linear', 'cosine', '1-sqrt'],
      default: 'linear',
      description: 'How a trapezoid falls.',
    },
  },
  'inverse-sqrt': {
    holdSteps: natural(
      0,
      'inverse-sqrt: the learning rate stays up to this step h and falls as √(h / step); 0: h is the warm-up.',
    ),
  },
  constant: {},
} as const satisfies Record<string, OptionSchema>;

type ScheduleName = keyof typeof schemas;

/** The settings that a schedule has. */
export const scheduleSchemas: Readonly<Record<ScheduleName, OptionSchema>> = schemas;

/** The choice, and what every schedule has. */
export const curveSchema = {
  schedule: {
    type: 'string',
    values: ['cosine', 'linear', 'inverse-sqrt', 'constant', 'trapezoid'],
    default: 'cosine',
    description:
      'The learning rate after the warm-up: half a cosine or a straight line down, √(1 / step), level, or level with a fall at the end.',
  },
  learningRate: rate(6e-4, 'The highest.'),
  warmupSteps: natural(100, 'Steps in which the learning rate rises.'),
} as const satisfies OptionSchema;

/** Every setting of any schedule. */
export const scheduleSchema = { ...curveSchema, ...schemas.trapezoid, ...schemas['inverse-sqrt'] };

type OwnSettings = ResolvedOptions<typeof schemas.trapezoid> &
  ResolvedOptions<(typeof schemas)['inverse-sqrt']>;
export type ScheduleSettings = ResolvedOptions<typeof curveSchema> & Partial<OwnSettings>;
