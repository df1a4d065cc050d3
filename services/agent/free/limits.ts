/** How many calls a model may ask for in one turn. */
export const MAX_CALLS = 12;

/** How many bytes the fixed system prompt may have. */
export const MAX_PROMPT_BYTES = 3072;

/** How many bytes of one result the model is shown; the rest is cut, and the cut is marked. */
export const MAX_RESULT_BYTES = 6144;

/** How many bytes of results the model is shown at once; the oldest are left out first. */
export const MAX_RESULTS_BYTES = 24_576;
