// The column group of licences: what the source, the page's metadata or the text states, with the evidence. Whether a
// licence is enough is a policy's affair.

import type { JsonObject, RowStage } from '@gristmill/core';
import { findLicences, licenceVersion } from '@gristmill/detect';

/** From -1 (nothing is stated, or nothing that can be placed) to 5: so that a policy is one comparison. */
const freedom: Readonly<Record<string, number>> = {
  reserved: 0,
  'non-commercial': 1,
  'no-derivatives': 2,
  'share-alike': 3,
  open: 4,
  'public-domain': 5,
};

export const licenceStage: RowStage<JsonObject> = {
  name: 'annotate-licence',
  version: licenceVersion,
  description: 'The licence that source, metadata or text state, with the evidence.',
  options: {},
  reads: ['text', 'licence'],
  columns: [
    /** SPDX's name where it has one. */
    { name: 'licenceFound', type: 'string', optional: true },
    { name: 'licenceClass', type: 'string', optional: true },
    { name: 'licenceFreedom', type: 'int32' },
    { name: 'licenceAmbiguous', type: 'boolean' },
    /** [{licence, where: text | metadata, start, end, snippet}] */
    { name: 'licenceStatements', type: 'json', optional: true },
  ],
  create() {
    return (row) => {
      const found = findLicences(String(row.text ?? ''), row.licence as string | undefined);
      return {
        id: row.id,
        licenceFound: found.licence,
        licenceClass: found.class,
        licenceFreedom: freedom[found.class ?? ''] ?? -1,
        licenceAmbiguous: found.isAmbiguous,
        licenceStatements: found.statements.length === 0 ? undefined : found.statements,
      };
    };
  },
};
