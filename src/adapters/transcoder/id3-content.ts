import type { TranscodeJob } from '../../ports/transcoder.ts';
import type { SourceTags } from './ffmetadata.ts';
import type { TagContent } from './id3-tag.ts';
import type { SourceLook } from './look-at-source.ts';

/** What the MP3 says of itself: what the owner gave, else what the source says, else its name. */
export function tagContentOf({ options, fileName }: TranscodeJob, look: SourceLook): TagContent {
  const { tags, chapters } = look.tags;
  return {
    title: options.title ?? tags['title'] ?? fileName.replace(/\.[^.]{1,8}$/, ''),
    artist: options.artist ?? tags['artist'],
    album: options.album ?? tags['album'],
    date: tags['date'],
    chapters: trimmed(chapters, options),
    cover: look.cover,
  };
}

/** Chapters of the part that is kept, in its own time. */
function trimmed(
  chapters: SourceTags['chapters'],
  { startSeconds = 0, endSeconds = Number.POSITIVE_INFINITY }: TranscodeJob['options'],
): SourceTags['chapters'] {
  const [startMs, endMs] = [startSeconds * 1_000, endSeconds * 1_000];
  return chapters
    .filter((chapter) => chapter.endMs > startMs && chapter.startMs < endMs)
    .map((chapter) => ({
      ...chapter,
      startMs: Math.round(Math.max(chapter.startMs, startMs) - startMs),
      endMs: Math.round(Math.min(chapter.endMs, endMs) - startMs),
    }));
}
