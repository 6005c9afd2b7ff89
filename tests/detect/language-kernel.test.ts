import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openKernel } from '../../libs/detect/src/language/language-kernel.ts';
import { decodeLanguageModel } from '../../libs/detect/src/language/language-model.ts';
import { scriptCodes } from '../../libs/detect/src/language/scripts.ts';
import { countLetters, sumWeights } from './reference-scores.ts';

const file = new URL('../../libs/detect/src/language/language-model.bin', import.meta.url);
const model = decodeLanguageModel(readFileSync(file));
const kernel = openKernel(model);
const never = 1e6;

const texts: Record<string, string> = {
  Latn: 'Der Hund läuft über die Straße; Donaudampfschifffahrtsgesellschaftskapitän. İstanbul’da ñandú, a b c!',
  Cyrl: 'Вчера мы пошли в магазин, чтобы купить хлеб и молоко — и ещё кое-что.',
  Arab: 'دیروز برای خرید نان و شیر به مغازه رفتیم.',
  Deva: 'कल हम रोटी और दूध खरीदने के लिए दुकान गए थे।',
  Hani: '昨天我们去商店买面包和牛奶。𠀀𠀁',
  Mymr: 'မနေ့က ကျွန်တော်တို့ ဈေးကို သွားခဲ့တယ်။',
};

describe('the kernel', () => {
  test.each(Object.entries(texts))('adds the weights of every n-gram of %s words', (script, text) => {
    kernel.read(text, 0, text.length, never);
    const weights = model.scripts.find((one) => one.script === script)!;
    expect([...kernel.models[scriptCodes.indexOf(script)]!.scores]).toEqual(sumWeights(text, weights));
  });

  test('counts the letters of each script, whatever stands between them', () => {
    const parts = [
      'a',
      'Éa',
      'e\u0301',
      '\u0301',
      ' ',
      '1',
      'жук',
      '漢',
      'かな',
      '\ud83d',
      '\ude00',
      '𐌰𐍄',
      '🙂',
      '\ud83ax',
      'ʻoki',
      '𞤀',
    ];
    let state = 5;
    const random = (size: number): number => (state = (Math.imul(state, 48271) >>> 0) % 0x7fffffff) % size;
    for (let i = 0; i < 400; i++) {
      const text = Array.from({ length: random(30) }, () => parts[random(parts.length)]).join('');
      kernel.read(text, 0, text.length, never);
      expect([...kernel.letters], JSON.stringify(text)).toEqual(countLetters(text));
    }
  });

  test('stops once a language leads by far, but counts on', () => {
    const text = texts.Latn.repeat(20);
    const german = model.scripts.find(({ script }) => script === 'Latn')!.languages.indexOf('de');
    const scores = kernel.models[scriptCodes.indexOf('Latn')]!.scores;
    kernel.read(text, 0, text.length, never);
    const all = scores[german];
    kernel.read(text, 0, text.length, 16);
    expect(scores[german]).toBeLessThan(all / 2);
    expect(Math.max(...scores)).toBe(scores[german]);
    expect([...kernel.letters]).toEqual(countLetters(text));
  });

  test('reads a part of a text as that part alone', () => {
    const text = `жук ${texts.Latn} жук`;
    const scores = kernel.models[scriptCodes.indexOf('Latn')]!.scores;
    kernel.read(texts.Latn, 0, texts.Latn.length, never);
    const alone = [...scores];
    kernel.read(text, 4, text.length - 4, never);
    expect([...scores]).toEqual(alone);
  });
});
