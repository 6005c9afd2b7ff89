// Why no checkpoint is written: so that no sound one gives way to an unsound one.

import { DataError } from '@gristmill/core';

export function weightsNotFinite(name: string, value = 'a number that is not finite'): DataError {
  return new DataError(
    'weights-not-finite',
    `${name} holds ${value}, so no checkpoint is written`,
    'the newest checkpoint stands: resume from it with a lower --set learningRate in another folder (--init-from)',
  );
}
