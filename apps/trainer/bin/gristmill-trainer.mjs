#!/usr/bin/env node
import { startWithNode24 } from './node24.mjs';

await startWithNode24(new URL('../src/main.ts', import.meta.url));
