import { DataError } from '@gristmill/core';
import type { LeaseHolder } from '@gristmill/storage';

export const busy = ({ place, work, pid, host }: LeaseHolder): DataError =>
  new DataError('busy', `${place} is ${work} by process ${pid} on ${host}`, 'wait');
