// Texts of several kinds and languages for golden digests, made up; they do not change.

const prose = `The ferryman looked at the river, which had risen in the night, and said that nobody would cross before noon. He had been wrong twice in his life. "Sit down," he told us, "and have some of the bread." We did as we were told; the rain went on.

By eleven the water had fallen a hand's breadth. A woman in a grey coat, who had been the first to arrive, asked whether he would take her alone. He shook his head. It was not the weight of the people that mattered, he said, but the weight of the current against the boat.

So it was half past two when we saw the other bank. I'm told they have a bridge there now.`;

export const goldenTexts: readonly string[] = [
  prose,
  `${prose}\n\n${prose}`,
  'Home\nNews\nSport\n\nRead more...\nSign in\n3 likes\nTerms of use\nThis site uses cookies\nCopyright 2021 The Mill. All rights reserved.',
  '• salt\n• flour\n• two eggs\n- butter\n\nMix # # # all of it… and wait...\nlorem ipsum { dolor }',
  'Write to ann.bell@mill-works.org or call +44 20 7946 0018. Card 4111 1111 1111 1111, server 8.8.4.4, key AKIAIOSFODNN7EXAMPLE.',
  'Der Müller, der seit Jahren nicht mehr gemahlen hatte, öffnete das Tor. „Kommt herein“, sagte er, „es ist noch Brot da.“ Seine Frau und ihre Schwester lachten. Lizenz: CC BY-SA 4.0.',
  '川が夜のうちに増水し、渡し守は昼まで誰も渡れないと言った。私たちはパンを食べて待った。雨は降り続いた。',
  'Паромщик посмотрел на реку, которая поднялась за ночь. Никто не переправится до полудня, сказал он.',
  'La mujer del abrigo gris preguntó si la llevaría sola. Él negó con la cabeza. Los hombres y las mujeres esperaban.',
  'Some doctors, Muslim and Jewish women, old men and their mothers, a Black actor and two gay nurses met. She said that he knew her.',
  'int main(void) { return 0; }\nconst a = [1, 2, 3];\n0x1f 42 17 3.14 2021-02-03\nhttps://a.example/b?c=d',
  'Which of the seven bridges did the old painter cross twice on the morning before the great flood came down the valley?',
  'ThÃ© cafÃ© was closed\u200b, the sign\u00a0said â€œback soonâ€\u009d.\r\nA hyphen-\nated word, and\ttabs \u0007 here.\n\n\n\nEnd\u00ad.',
  '',
];
