// Sentences for made pages, by language, from a seed. Content sentences are put together so that no two are alike.
import { createRandom } from '@gristmill/core';

export interface Writer {
  /** A sentence that occurs nowhere else. */
  sentence(): string;
  /** Two to four sentences. */
  paragraph(): string;
  heading(): string;
  pick<T>(items: readonly T[]): T;
  below(limit: number): number;
}

type Language = 'en' | 'de' | 'zh' | 'ja' | 'ko' | 'ar' | 'he';

interface Grammar {
  readonly parts: readonly (readonly string[])[];
  readonly join: string;
  readonly end: string;
}

const grammars: Readonly<Record<Language, Grammar>> = {
  en: {
    parts: [
      [
        'The council',
        'A baker from the harbour',
        'Her oldest teacher',
        'The second engine',
        'Every winter the ferry',
        'Nobody in the valley',
      ],
      ['measured', 'rebuilt', 'forgot about', 'paid for', 'photographed', 'argued over', 'carried'],
      [
        'the iron gate',
        'forty crates of pears',
        'the lower bridge',
        'a map of the moor',
        'the last tram',
        'a letter from Bergen',
      ],
      [
        'before the snow came',
        'because the river had risen',
        'although it was late',
        'while the bells rang',
        'and went home on foot',
        'as the report had asked',
      ],
    ],
    join: ' ',
    end: '.',
  },
  de: {
    parts: [
      [
        'Der Gemeinderat',
        'Eine Bäckerin vom Hafen',
        'Ihr ältester Lehrer',
        'Die zweite Lokomotive',
        'Niemand im Tal',
      ],
      ['vermass', 'bezahlte', 'fotografierte', 'vergass', 'trug'],
      [
        'das eiserne Tor',
        'vierzig Kisten Birnen',
        'die untere Brücke',
        'eine Karte vom Moor',
        'den Brief aus Bergen',
      ],
      [
        'bevor der Schnee kam',
        'weil der Fluss gestiegen war',
        'obwohl es spät war',
        'während die Glocken läuteten',
      ],
    ],
    join: ' ',
    end: '.',
  },
  zh: {
    parts: [
      ['市政府', '港口的面包师', '她的老师', '第二台机车', '山谷里的居民'],
      ['在下雪之前', '因为河水上涨', '虽然天色已晚', '在钟声响起时'],
      ['修好了', '测量了', '拍下了', '讨论了'],
      ['那座旧桥', '四十箱梨子', '北边的铁门', '一封来自远方的信', '最后一班电车'],
    ],
    join: '，'.slice(1),
    end: '。',
  },
  ja: {
    parts: [
      ['町の議会は', '港のパン屋は', '彼女の先生は', '二台目の機関車は', '谷の人々は'],
      ['雪が降る前に', '川が増水したので', '遅い時間だったが', '鐘が鳴る間に'],
      ['古い橋を', '梨の箱を四十個', '北の鉄の門を', '遠くからの手紙を', '最後の電車を'],
      ['直した', '測った', '写真に撮った', '運んだ', '忘れてしまった'],
    ],
    join: '',
    end: '。',
  },
  ko: {
    parts: [
      ['시의회는', '항구의 제빵사는', '그녀의 선생님은', '두 번째 기관차는', '계곡의 주민들은'],
      ['눈이 오기 전에', '강물이 불어나서', '늦은 시간이었지만', '종이 울리는 동안'],
      ['낡은 다리를', '배 상자 마흔 개를', '북쪽 철문을', '먼 곳에서 온 편지를'],
      ['고쳤다', '측정했다', '사진으로 찍었다', '옮겼다'],
    ],
    join: ' ',
    end: '.',
  },
  ar: {
    parts: [
      ['قاس المجلس', 'نقل الخباز', 'صور المعلم القديم', 'أصلح سكان الوادي', 'نسي سائق القطار'],
      ['الجسر القديم', 'أربعين صندوقا من الكمثرى', 'البوابة الحديدية', 'رسالة من المدينة البعيدة'],
      ['قبل أن ينزل الثلج', 'لأن النهر ارتفع كثيرا', 'رغم أن الوقت كان متأخرا', 'بينما كانت الأجراس تدق'],
      ['في شهر مارس', 'يوم الثلاثاء', 'في الصباح الباكر', 'كما طلب التقرير'],
    ],
    join: ' ',
    end: '.',
  },
  he: {
    parts: [
      ['המועצה מדדה', 'האופה מהנמל העביר', 'המורה הזקן צילם', 'תושבי העמק תיקנו', 'נהג הרכבת שכח'],
      ['את הגשר הישן', 'ארבעים ארגזי אגסים', 'את שער הברזל', 'מכתב מהעיר הרחוקה'],
      ['לפני שהשלג ירד', 'כי הנהר עלה מאוד', 'למרות השעה המאוחרת', 'בזמן שהפעמונים צלצלו'],
      ['בחודש מרץ', 'ביום שלישי', 'מוקדם בבוקר', 'כפי שביקש הדוח'],
    ],
    join: ' ',
    end: '.',
  },
};

export function createWriter(language: Language, seed: number): Writer {
  const random = createRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)];
  const { parts, join, end } = grammars[language];
  const seen = new Set<string>();
  const sentence = (): string => {
    for (;;) {
      const made = parts.map(pick).join(join);
      const full = `${made}${seen.has(made) ? `${join || ' '}${below(9000) + 100}` : ''}${end}`;
      if (!seen.has(full)) {
        seen.add(made);
        seen.add(full);
        return full;
      }
    }
  };
  const paragraph = (): string => Array.from({ length: 2 + below(3) }, sentence).join(join === '' ? '' : ' ');
  return { sentence, paragraph, heading: () => sentence().replace(/[.。]$/, ''), pick, below };
}
