/*
 * What of https://tus.io/protocols/resumable-upload is said in several places: apart from what loads the
 * tus server.
 */

export const TUS_VERSION = '1.0.0';
export const PART_TYPE = 'application/offset+octet-stream';
/** One header of a request has to leave room for the others: API Gateway takes 10,240 bytes in all. */
export const METADATA_MAX_BYTES = 8 * 1024;
