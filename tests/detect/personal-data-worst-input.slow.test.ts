import { expect, test } from 'vitest';
import { findPersonalData } from '@gristmill/detect';

test('a megabyte of each recogniser’s worst input is read in linear time', () => {
  const worst = [
    '@',
    'a@',
    '1 ',
    '1-',
    '(1',
    'Aa ',
    '1 Aa Aa Aa Aa ',
    ':a',
    'a.',
    '12 rue de la ',
    'GB82 WEST ',
    '0x',
    'eyJ',
    'AKIA',
  ];
  for (const unit of worst) {
    const text = unit.repeat(Math.ceil(1e6 / unit.length));
    const half = cpuMs(() => findPersonalData(text.slice(0, text.length / 2)));
    const whole = cpuMs(() => findPersonalData(text));
    // Quadratic work would quadruple; slack for noise on short times.
    expect(whole, JSON.stringify(unit)).toBeLessThan(3.2 * half + 400);
  }
});

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
