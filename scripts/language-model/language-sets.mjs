// The languages that the model tells apart, by script (ISO 15924). `main` languages are drawn in full when the model is
// trained, `minor` ones at a quarter: a single word of doubtful origin is more often of a widely written language.

export const languageSets = {
  Latn: {
    main: 'af az bs ca cs cy da de en eo es et eu fi fr ga hr hu id is it la lg lt lv mi ms nb nl nn pl pt ro sk sl sn so sq sr st sv sw tl tn tr ts vi xh yo zu',
    minor:
      'an ast br ceb co crh dsb ff fo fur fy gd gl gn gv ha haw hsb ht ia ie ig ilo jv kab kw lb lij mg mt nds nr nso oc om pap qu rm rn rw sc scn se sm ss su szl tk to uz ve vec vo wa war wo ku',
  },
  Cyrl: { main: 'be bg kk mk mn ru sr uk', minor: 'ab av ba ce cv ky kv mhr myv os rue sah tg tt tyv udm' },
  Arab: { main: 'ar fa ur', minor: 'azb ckb ks pnb ps sd skr ug' },
  Deva: { main: 'hi mr', minor: 'bho gom mai ne sa' },
  Beng: { main: 'bn', minor: 'as' },
  Hebr: { main: 'he', minor: 'yi' },
  Ethi: { main: 'am', minor: 'ti' },
  Tibt: { main: 'bo', minor: 'dz' },
  Mymr: { main: 'my', minor: 'shn' },
  Hani: { main: 'ja zh', minor: '' },
};

export const languagesOf = (script) => {
  const { main, minor } = languageSets[script];
  return [...main.split(' '), ...(minor === '' ? [] : minor.split(' '))].sort();
};

export const isMinor = (script, language) => languageSets[script].minor.split(' ').includes(language);
