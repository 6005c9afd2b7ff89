// Damaged documents for every parser: no crash, no hang, no growth.
import { test } from 'vitest';
import { damageAll, parsers } from './damage.ts';

test.each(parsers)('$name: 500 damaged documents are read or refused', (parser) => damageAll(parser, 500, 2));
