/**
 * A condition that holds for rows of files with a block number after `block`; files without are not opened. It looks at the
 * file that a row stands in when it is read: who lists the files first, and reads those then, misses what a merge has
 * put into another file in between.
 */
export const afterBlock = (block: number) => `toInt64(splitByChar('_', _part)[3]) > ${Number(block)}`;
