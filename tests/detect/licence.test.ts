import { describe, expect, it } from 'vitest';
import { findLicences } from '@gristmill/detect';

const name = (text: string, declared?: string) => findLicences(text, declared).licence;

describe('findLicences', () => {
  it.each([
    ['Licensed under CC BY 4.0.', 'CC-BY-4.0'],
    ['This page: CC-BY-NC-SA-3.0', 'CC-BY-NC-SA-3.0'],
    ['Creative Commons Attribution-ShareAlike 4.0 International License', 'CC-BY-SA-4.0'],
    [
      'under the Creative Commons Attribution-NonCommercial-NoDerivs 3.0 Unported License.',
      'CC-BY-NC-ND-3.0',
    ],
    ['see https://creativecommons.org/licenses/by-sa/3.0/de/ for terms', 'CC-BY-SA-3.0'],
    ['https://creativecommons.org/publicdomain/zero/1.0/', 'CC0-1.0'],
    ['https://creativecommons.org/publicdomain/mark/1.0/', 'public-domain'],
    ['Creative Commons Namensnennung - Nicht kommerziell 3.0', 'CC-BY-NC-3.0'],
    ['released as CC0 by its author', 'CC0'],
    ['some rights reserved under a Creative Commons license', 'CC'],
    ['This eBook is in the public domain in the USA.', 'public-domain'],
    ['The author has dedicated the work to the public domain.', 'public-domain'],
    ['GNU Free Documentation License, Version 1.2 or any later version', 'GFDL-1.2'],
    ['© 2019 Example Ltd. All Rights Reserved.', 'all-rights-reserved'],
    ['Alle Rechte vorbehalten', 'all-rights-reserved'],
    ['© 2020 示例公司 版权所有', 'all-rights-reserved'],
    ['under the Apache License, Version 2.0 (the "License")', 'Apache-2.0'],
    ['the GNU General Public License version 3', 'GPL-3.0'],
    ['distributed under the MIT License', 'MIT'],
    ['the 3-clause BSD license', 'BSD-3-Clause'],
    ['Contains information under the Open Government Licence v3.0', 'OGL-3.0'],
  ])('reads %j as %s', (text, licence) => {
    expect(name(text)).toBe(licence);
  });

  it.each([
    'All this information lies in public hands.',
    'The manuscript is not in the public domain.',
    'They debated the public domain at length.',
    'He cc by mistake the whole office.',
    'All rights. Reserved seats only.',
    'Physicists from MIT are licensed pilots.',
    'A gplot of 0 values, cc 0.5 litres',
  ])('sees no licence in %j', (text) => {
    expect(findLicences(text).statements).toEqual([]);
  });

  it('gives the place and the words around as evidence', () => {
    const text = 'Photos by Ada.\nText is available under CC BY-SA 4.0; more below.';
    const [statement] = findLicences(text).statements;
    expect(text.slice(statement.start, statement.end)).toBe('CC BY-SA 4.0');
    expect(statement).toMatchObject({ licence: 'CC-BY-SA-4.0', where: 'text' });
    expect(statement.snippet).toContain('available under CC BY-SA 4.0; more');
  });

  it('believes what is declared before what the text says, and reads names, sentences and addresses', () => {
    expect(name('All rights reserved.', 'CC-BY-4.0')).toBe('CC-BY-4.0');
    expect(name('', 'public domain in the USA')).toBe('public-domain');
    expect(name('', 'Artistic-2.0 (npm), MIT (Node.js)')).toBe('Artistic-2.0');
    expect(name('', 'https://creativecommons.org/licenses/by/4.0/')).toBe('CC-BY-4.0');
    expect(findLicences('All rights reserved.', 'CC-BY-4.0').isAmbiguous).toBe(true);
    expect(name('CC BY 4.0', 'ask the editor')).toBe('CC-BY-4.0');
  });

  it('takes the most restrictive of several statements in a text', () => {
    const found = findLicences('Text CC BY 4.0, pictures CC BY-NC 4.0.');
    expect(found).toMatchObject({ licence: 'CC-BY-NC-4.0', class: 'non-commercial', isAmbiguous: true });
  });
});
