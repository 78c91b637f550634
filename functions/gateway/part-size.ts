/**
 * How much of a video or an MP3 one request or answer carries: in Base64, with its event around it, it has
 * to fit into the 6 MB that Lambda takes and gives.
 */
export const PART_BYTES = 4 * 1024 * 1024;
