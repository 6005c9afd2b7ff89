// Where everything lies in the encoder's memory. The vocabulary and the text follow behind FIXED_END, where the host puts
// them. Pages that nobody touches cost nothing.

export const CLASS: usize = 0x10000; // a byte of class bits for each code point
export const MASKS: usize = 0x120000; // 16 masks of 16 bytes: the first n bytes
export const PREFIX: usize = 0x120100; // 1 for each ASCII byte that may stand before a word
export const BYTE_IDS: usize = 0x120200; // the token of each byte
export const BYTE_PAIRS: usize = 0x121000; // rank of each pair of bytes, shifted as in VALUES
export const VALUES: usize = 0x161000; // scratch of one merge: rank of the pair at a part and its place
export const PARTS: usize = 0x161400; // its tokens
export const NEXT: usize = 0x161800; // places of the neighbours
export const PREVIOUS: usize = 0x161900;
export const PLACES: usize = 0x161a00; // 0, 1, 2, …
export const FRONT: usize = 0x180000; // copies of entries met lately
export const INDEX: usize = 0x200000; // of the cache: 4 bytes a slot
export const SLOT_BITS: u32 = 20;
export const ENTRIES: usize = INDEX + (4 << SLOT_BITS); // of 32 bytes, in the order of their first appearance
export const MOST_ENTRIES: u32 = 640000;
export const POOL: usize = ENTRIES + 32 * <usize>MOST_ENTRIES;
export const POOL_END: usize = POOL + (16 << 20);
export const OUTPUT: usize = POOL_END;
export const OUTPUT_LIMIT: usize = OUTPUT + 4 * 131072;
export const MERGES: usize = OUTPUT + (1 << 20); // slots of 8 bytes: left and right of 20 bits, rank of 24
export const RESULTS: usize = MERGES + (16 << 20); // the token that a merge of this rank gives
export const HEADS: usize = RESULTS + (4 << 20); // of the buckets of a long merge, by rank; zero outside one
export const RANKS: usize = HEADS + (4 << 20); // its ranks in use
export const FIXED_END: usize = RANKS + (4 << 20);

/** Greatest length of a piece that `mergeShort` takes: a place has seven bits. */
export const LONGEST: usize = 128;
export const NONE: u32 = 0xffffff80;

// Bits of a class; KNOWN marks a code point that was learnt.
export const LETTER: u32 = 1;
export const NUMBER: u32 = 2;
export const SPACE: u32 = 4;
export const BREAK: u32 = 8;
export const UPPER: u32 = 16;
export const LOWER: u32 = 32;
export const OTHER: u32 = 64;
