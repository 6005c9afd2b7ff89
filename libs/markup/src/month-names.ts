// Names of the months as dates spell them, in small letters. The first group may be cut short (`okt`, `sept`); names of
// the second count only as they stand, because their beginnings mean other months elsewhere. Croatian `listopada` is left
// out: it is November in Polish.

const shortened: readonly string[] = [
  'january|januar|jänner|janvier|enero|gennaio|janeiro|januari|января|stycznia|ledna|január|ocak|januára',
  'february|februar|feber|février|fevrier|febrero|febbraio|fevereiro|februari|февраля|lutego|února|február|şubat',
  'march|märz|maerz|mars|marzo|março|maart|марта|marca|března|március|mart',
  'april|avril|abril|aprile|апреля|kwietnia|dubna|április|nisan',
  'may|mai|mayo|maggio|maio|mei|maj|мая|maja|května|május|mayıs',
  'june|juni|juin|junio|giugno|junho|июня|czerwca|června|június|haziran',
  'july|juli|juillet|julio|luglio|julho|июля|lipca|července|július|temmuz',
  'august|août|aout|agosto|augustus|августа|sierpnia|srpna|augusztus|ağustos',
  'september|septembre|septiembre|settembre|setembro|сентября|września|září|szeptember|eylül',
  'october|oktober|octobre|octubre|ottobre|outubro|октября|października|října|október|ekim',
  'november|novembre|noviembre|novembro|ноября|listopada|listopadu|kasım',
  'december|dezember|décembre|decembre|diciembre|dicembre|dezembro|декабря|grudnia|prosince|aralık',
];
const whole: readonly string[] = [
  'tammikuuta|ianuarie|gener|siječnja|січня|јануар|јануара|януари|ιανουαρίου|janvāris|sausio|يناير|ינואר|בינואר|जनवरी|januarie',
  'helmikuuta|februarie|febrer|veljače|лютого|фебруар|фебруара|февруари|φεβρουαρίου|vasario|فبراير|פברואר|בפברואר|फ़रवरी|फरवरी',
  'maaliskuuta|martie|març|ožujka|березня|марта|март|μαρτίου|kovo|مارس|מרץ|במרץ|मार्च|marts',
  'huhtikuuta|aprilie|travnja|квітня|април|априла|απριλίου|balandžio|أبريل|ابريل|אפריל|באפריל|अप्रैल|aprill',
  'toukokuuta|maig|svibnja|травня|мај|маја|май|μαΐου|gegužės|مايو|מאי|במאי|मई|mää',
  'kesäkuuta|iunie|juny|lipnja|червня|јун|јуна|юни|ιουνίου|birželio|يونيو|יוני|ביוני|जून',
  'heinäkuuta|iulie|juliol|srpnja|липня|јул|јула|юли|ιουλίου|liepos|يوليو|יולי|ביולי|जुलाई',
  'elokuuta|augusti|agost|kolovoza|серпня|август|αυγούστου|rugpjūčio|أغسطس|אוגוסט|באוגוסט|अगस्त|agustus',
  'syyskuuta|septembrie|setembre|rujna|вересня|септембар|септембра|септември|σεπτεμβρίου|rugsėjo|سبتمبر|ספטמבר|בספטמבר|सितंबर|सितम्बर',
  'lokakuuta|octombrie|жовтня|октобар|октобра|октомври|οκτωβρίου|spalio|أكتوبر|אוקטובר|באוקטובר|अक्टूबर|अक्तूबर',
  'marraskuuta|noiembrie|studenoga|листопада|новембар|новембра|ноември|νοεμβρίου|lapkričio|نوفمبر|נובמבר|בנובמבר|नवंबर|नवम्बर',
  'joulukuuta|decembrie|desembre|prosinca|грудня|децембар|децембра|декември|δεκεμβρίου|gruodžio|ديسمبر|דצמבר|בדצמבר|दिसंबर|दिसम्बर|desember',
];
const numbers = new Map<string, number>();
shortened.forEach((names, index) => {
  for (const name of names.split('|')) {
    numbers.set(name, index + 1);
    if (name.length > 4 && !numbers.has(name.slice(0, 3))) numbers.set(name.slice(0, 3), index + 1);
    if (name.length > 5 && !numbers.has(name.slice(0, 4))) numbers.set(name.slice(0, 4), index + 1);
  }
});
whole.forEach((names, index) => {
  for (const name of names.split('|')) if (!numbers.has(name)) numbers.set(name, index + 1);
});
numbers
  .set('mrz', 3)
  .set('okt', 10)
  .set('dez', 12)
  .set('sept', 9)
  .set('oct', 10)
  .set('dec', 12)
  .set('juil', 7)
  .set('des', 12);

/** 1 … 12, or 0 for a word that is no month. @example monthOf('Oktober') // 10 */
export function monthOf(name: string): number {
  const lower = name.toLowerCase();
  return numbers.get(lower) ?? numbers.get(lower.slice(0, 4)) ?? numbers.get(lower.slice(0, 3)) ?? 0;
}
