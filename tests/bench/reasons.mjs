/* Why targets are missed, by the key of the row (lib/targets.mjs). */
export const REASONS = {};
