import { z } from 'zod';

/** What `web/dist/manifest.json` says; functions/gateway/page.ts reads what it serves. */
export const pageManifestSchema = z.object({
  /** A hash of all that the page was built from. */
  sources: z.string(),
  /** The paths that the page asks for when it is opened, and no others. */
  entry: z.array(z.string()),
  /** By the path that is asked for. */
  files: z.record(
    z.string(),
    z.object({
      file: z.string(),
      type: z.string(),
      etag: z.string(),
      immutable: z.boolean(),
      /** In bytes, by the content coding of RFC 9110, section 8.4.1. */
      sizes: z.object({
        identity: z.number(),
        br: z.number().optional(),
        gzip: z.number().optional(),
      }),
    }),
  ),
});

export type PageManifest = z.infer<typeof pageManifestSchema>;

export type PageSizes = PageManifest['files'][string]['sizes'];
