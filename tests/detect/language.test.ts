import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { languageStage } from '@gristmill/annotate';
import { detectLanguage, detectParagraphs, knownLanguages } from '@gristmill/detect';

const sentences: Record<string, string> = {
  af: 'Ons het gister na die winkel gegaan om brood en melk te koop.',
  ar: 'ذهبنا أمس إلى السوق لشراء الخبز والحليب.',
  bg: 'Вчера отидохме до магазина, за да купим хляб и мляко.',
  cs: 'Včera jsme šli do obchodu koupit chleba a mléko.',
  da: 'I går gik vi hen i butikken for at købe brød og mælk.',
  de: 'Gestern sind wir in den Laden gegangen, um Brot und Milch zu kaufen.',
  el: 'Χθες πήγαμε στο μαγαζί για να αγοράσουμε ψωμί και γάλα.',
  en: 'Yesterday we went to the shop to buy bread and milk.',
  es: 'Ayer fuimos a la tienda a comprar pan y leche.',
  fa: 'دیروز برای خرید نان و شیر به مغازه رفتیم.',
  fi: 'Eilen menimme kauppaan ostamaan leipää ja maitoa.',
  fr: 'Hier nous sommes allés au magasin acheter du pain et du lait.',
  he: 'אתמול הלכנו לחנות לקנות לחם וחלב.',
  hi: 'कल हम रोटी और दूध खरीदने के लिए दुकान गए थे।',
  hu: 'Tegnap elmentünk a boltba kenyeret és tejet venni.',
  it: 'Ieri siamo andati al negozio a comprare il pane e il latte.',
  ja: '昨日パンと牛乳を買いに店へ行きました。',
  ka: 'გუშინ მაღაზიაში წავედით პურის და რძის საყიდლად.',
  ko: '어제 우리는 빵과 우유를 사러 가게에 갔습니다.',
  nl: 'Gisteren gingen we naar de winkel om brood en melk te kopen.',
  pl: 'Wczoraj poszliśmy do sklepu kupić chleb i mleko.',
  pt: 'Ontem fomos à loja para comprar pão e leite.',
  ru: 'Вчера мы пошли в магазин, чтобы купить хлеб и молоко.',
  sv: 'Igår gick vi till affären för att köpa bröd och mjölk.',
  th: 'เมื่อวานเราไปซื้อขนมปังและนมที่ร้าน',
  tr: 'Dün ekmek ve süt almak için dükkana gittik.',
  uk: 'Учора ми пішли до крамниці, щоб купити хліб і молоко.',
  vi: 'Hôm qua chúng tôi đã đi đến cửa hàng để mua bánh mì và sữa.',
  zh: '昨天我们去商店买面包和牛奶。',
};

describe('the language of a text', () => {
  test.each(Object.entries(sentences))('%s is recognised from one sentence', (language, sentence) => {
    const found = detectLanguage(sentence);
    expect(found.language).toBe(language);
    expect(found.score).toBeGreaterThan(0.5);
    expect(found.score).toBeLessThanOrEqual(1);
  });

  test('is unknown where there are no letters', () => {
    for (const text of ['', '   \n', '12:30 – 14.07.2026 (#42)', '🙂🙂'])
      expect(detectLanguage(text)).toMatchObject({ language: undefined, score: 0, script: undefined });
  });

  test('comes with the script, Japanese kana and Han as one', () => {
    expect(detectLanguage(sentences.ru).script).toBe('Cyrl');
    expect(detectLanguage(sentences.ja).script).toBe('Jpan');
    expect(detectLanguage(sentences.zh).script).toBe('Hani');
    expect(detectLanguage('𐌰𐍄𐍄𐌰 𐌿𐌽𐍃𐌰𐍂').language).toBe('got');
  });

  test('is one of at least a hundred', () => {
    expect(knownLanguages().length).toBeGreaterThanOrEqual(100);
  });
});

describe('languages that can occur', () => {
  test('are the only ones answered', () => {
    for (const languages of [
      ['de', 'fr'],
      ['fr', 'nl', 'ru'],
    ]) {
      const found = detectLanguage(sentences.de, { languages }).language;
      expect(languages).toContain(found);
    }
    expect(detectLanguage(sentences.de, { languages: ['de', 'fr'] }).language).toBe('de');
    expect(detectLanguage(sentences.de).language).toBe('de');
  });

  test('leave a text in a script of none of them unknown', () => {
    for (const language of ['ru', 'el', 'ja'])
      expect(detectLanguage(sentences[language], { languages: ['de', 'fr'] })).toMatchObject({
        language: undefined,
        score: 0,
      });
  });

  test('decide for paragraphs too', () => {
    const text = `${sentences.de}\n${sentences.ru}`;
    const found = detectParagraphs(text, { languages: ['nl', 'uk'] });
    expect(found.map(({ language }) => language)).toEqual(['nl', 'uk']);
  });

  test('must be known ones', () => {
    for (const languages of [['de', 'klingon'], []])
      expect(() => detectLanguage('Hallo', { languages })).toThrow(/no languages that can be told/);
  });
});

describe('a mixed document', () => {
  const german = `${sentences.de} Danach haben wir zu Hause gefrühstückt und die Zeitung gelesen.\n`;
  const english = `${sentences.en} Afterwards we had breakfast at home and read the newspaper.\n`;

  test('lists its languages by their share of the letters', () => {
    const { language, languages, share } = detectLanguage(german.repeat(12) + english.repeat(4));
    expect(language).toBe('de');
    expect(languages.map((part) => part.language)).toEqual(['de', 'en']);
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.9);
  });

  test('has a language for each paragraph, by offsets', () => {
    const text = `${german}\n${english}`;
    const paragraphs = detectParagraphs(text);
    expect(paragraphs.map(({ language }) => language)).toEqual(['de', 'en']);
    expect(paragraphs.map(({ start, end }) => text.slice(start, end))).toEqual([
      german.trim(),
      english.trim(),
    ]);
  });

  test('does not count names and short lines in a doubtful language against the main one', () => {
    const { languages } = detectLanguage(`${german.repeat(6)}Total: 12\nAmsterdam\n${german.repeat(6)}`);
    expect(languages.map((part) => part.language)).toEqual(['de']);
  });
});

test('a long text gives the same answer each time, and a lone half of a pair harms nothing', () => {
  const text = `${sentences.fr} `.repeat(2000);
  expect(detectLanguage(text)).toEqual(detectLanguage(text));
  expect(detectLanguage(`\ud83d ${sentences.fr} \ude00`).language).toBe('fr');
});

test('answers change only together with the version of the stage', () => {
  const texts = [
    ...Object.values(sentences),
    ...Object.values(sentences).map((text) => text.split(' ')[1] ?? text),
  ];
  const answers = texts.map((text) => {
    const { language, score, languages } = detectLanguage(text);
    return [language, Math.round(score * 1e6), languages.map((part) => part.language)];
  });
  const digest = createHash('sha256').update(JSON.stringify(answers)).digest('hex').slice(0, 16);
  expect({ version: languageStage.version, digest }).toEqual({ version: 5, digest: '9486f98427263e98' });
});
