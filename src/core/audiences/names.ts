/** What stands on the timeline of who enters an audience, or leaves it. */
export const ENTERED = 'Audience Entered';
export const LEFT = 'Audience Left';
