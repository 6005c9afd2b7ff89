declare module 'naughty-words' {
  /** Language → words and phrases. */
  const lists: Readonly<Record<string, readonly string[]>>;
  export default lists;
}
