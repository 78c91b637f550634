import { plural } from './plural.ts';

/** Everything that the page says. `ru.ts` has the same keys, or does not compile. */
export const en = {
  title: 'Soundlift: videos become sound',
  skip: 'Skip to the content',
  slogan: 'Drop a video, watch it become sound.',
  pitch:
    'Soundlift takes the sound out of a video and gives it back as an MP3. Large files come through, broken lines do not matter, and a mail says when it is done.',
  points: {
    large: 'Up to several gigabytes, in parts that go on where they stopped',
    honest: 'The sound as it is: MP3 is copied, never encoded twice for nothing',
    yours: 'Only you see your files, and you remove them with one click',
  },
  otherLanguage: 'Русский',
  toDark: 'Dark colours',
  toLight: 'Light colours',
  signOut: 'Sign out',
  docs: 'API',
  footer: 'Soundlift turns videos into MP3s.',

  signIn: 'Sign in',
  register: 'Create an account',
  registerInstead: 'No account yet? Create one',
  signInInstead: 'Have an account? Sign in',
  email: 'E-mail address',
  password: 'Password',
  passwordRule: '8 characters or more',
  showPassword: 'Show',
  hidePassword: 'Hide',
  fullName: 'Your name',
  signingIn: 'Signing in …',
  registering: 'Creating your account …',
  restoring: 'Looking for your session …',
  sessionExpired: 'Your session has ended. Sign in again; uploads go on from where they are.',
  signedIn: 'You are signed in.',
  signedOut: 'You are signed out.',
  giveEmail: 'Write your e-mail address, like ada@example.org.',
  givePassword: 'Write your password.',
  passwordTooShort: 'The password needs 8 characters or more.',
  passwordTooLong: 'The password is too long: 72 bytes at the most, and some letters take two.',
  giveName: 'Write your name: mails greet you by it.',

  problem: {
    'invalid-credentials': 'The address or the password is wrong.',
    'email-taken': 'There is an account with this address already. Sign in, or take another one.',
    'invalid-input': 'Something that was sent is not acceptable.',
    unreachable: 'Soundlift cannot be reached. Check your connection, and try again.',
    unavailable: 'A part of Soundlift is away for the moment. Try again in a minute.',
    'not-found': 'It is not there any more.',
    'not-ready': 'It is not ready yet.',
    'already-ended': 'It has ended already.',
    expired: 'It has had its time. Upload the video again.',
    'too-large': 'This is more than Soundlift takes.',
    'quota-exceeded': 'There is no more room for you here. Remove sounds that you need no more.',
    'too-many-conversions': 'There are too many at once. It goes on when some have ended.',
    'daily-limit-reached': 'These are all that you may convert in one day. Try again tomorrow.',
    'too-many-attempts': 'That was tried too often. Wait some minutes, and try again.',
    'too-many-requests': 'That was too often in a short time. Wait a little, and try again.',
    'checksum-mismatch': 'A part arrived otherwise than it was sent. Try again.',
    locked: 'Another tab or device is at this upload. Try again in a minute.',
  },
  problemOther: 'That did not work. Try again; if it stays so, tell whoever runs this service.',
  tryAgain: 'Try again',
  pageIncomplete: 'A part of this page could not be loaded. Perhaps there is a newer one.',
  loadPage: 'Load the page again',

  upload: 'Upload',
  dropHere: 'Drop videos here',
  dropNow: 'Let go: they will be uploaded',
  dropHint: 'or paste them, or',
  choose: 'Choose files',
  dropFormats: 'MP4, MOV, MKV, WebM and most others; sound files too.',
  dropLimit: (size: string) => `Up to ${size} each.`,
  options: 'How the MP3 is made',
  optionsSummary: (quality: string, extras: number) =>
    extras === 0
      ? quality
      : `${quality}, ${plural('en', extras, { one: '# more', other: '# more' })}`,
  optionsOnce: 'Cut and tags are for the next files alone; the rest stays.',
  quality: 'Quality',
  qualities: {
    standard: { name: 'Standard', hint: 'Variable, about 190 kbit/s; an MP3 is copied as it is' },
    high: { name: 'High', hint: 'Variable, about 245 kbit/s' },
    voice: { name: 'Voice', hint: 'Mono, 64 kbit/s: talks and lectures, small' },
    fixed: { name: 'Fixed', hint: 'The same bitrate throughout, where a device asks for it' },
  },
  bitrate: 'Bitrate',
  bitrateOf: (kbps: string) => `${kbps} kbit/s`,
  bitrateHint: 'More than the video has makes it larger, not better.',
  cut: 'Cut',
  cutHint: 'Minutes and seconds, like 1:30. Exact to the sample.',
  start: 'From',
  end: 'To',
  cutEnd: 'the end',
  sound: 'Sound',
  normalize: 'Even out the loudness',
  normalizeHint: 'To −16 LUFS, as podcasts have it. Takes a little longer.',
  mono: 'Mix into one channel',
  cover: 'Take over the cover picture',
  tags: 'Tags',
  tagsHint: 'Left empty, those of the video stay.',
  tagTitle: 'Title',
  tagArtist: 'Artist',
  tagAlbum: 'Album',
  optionFault: {
    'start-unreadable': 'Write the beginning like 1:30, or leave it empty.',
    'end-unreadable': 'Write the end like 1:30, or leave it empty.',
    'end-before-start': 'The end has to come after the beginning.',
  },
  optionsFaulty: 'These files were not uploaded: mend how the MP3 is to be made first.',

  uploads: 'Uploading',
  uploadState: {
    waiting: 'Waits for its turn',
    sending: 'Uploading',
    paused: 'Paused',
    offline: 'You are offline. It goes on by itself when you are back.',
    failed: 'Stopped',
    done: 'Uploaded',
  },
  sentOf: (sent: string, size: string) => `${sent} of ${size}`,
  timeLeft: (time: string) => `${time} left`,
  pause: 'Pause',
  resume: 'Go on',
  retry: 'Try again',
  remove: 'Remove',
  of: (action: string, name: string) => `${action}: ${name}`,
  emptyFile: (name: string) => `${name} is empty: there is nothing to upload.`,
  tooLargeFile: (name: string, limit: string) => `${name} is too large: ${limit} at the most.`,
  twiceFile: (name: string) => `${name} is being uploaded already.`,
  noFiles: 'There were no files in what you dropped.',
  dismiss: 'Close',
  leaving: 'Uploads are under way.',

  heardUploadBegun: (count: number) =>
    plural('en', count, {
      one: 'Upload of # file has begun.',
      other: 'Upload of # files has begun.',
    }),
  heardUploadDone: (name: string) => `${name} is uploaded.`,
  heardUploadFailed: (name: string) => `The upload of ${name} has stopped.`,
  heardReady: (name: string) => `The MP3 of ${name} is ready.`,
  heardFailed: (name: string) => `The conversion of ${name} has failed.`,
  heardRemoved: (name: string) => `${name} is removed.`,
  heardCancelled: (name: string) => `${name} is cancelled.`,
  heardCopied: 'The link is copied.',
  heardLinksEnded: 'All links to it have ended.',
  heardOffline: 'You are offline.',
  heardOnline: 'You are online again.',
  heardMore: (count: number) => plural('en', count, { one: '# more.', other: '# more.' }),

  sounds: 'Your sounds',
  soundsLoading: 'Your sounds are being fetched …',
  soundsEmpty: 'Nothing here yet',
  soundsEmptyHint: 'Drop your first video above. Its MP3 will appear here, ready to play.',
  soundsFailed: 'Your sounds could not be fetched.',
  more: 'Show more',
  status: {
    uploading: 'Upload not finished',
    queued: 'Waiting for its turn',
    converting: 'Becoming sound',
    ready: 'Ready',
    failed: 'Did not work',
    cancelled: 'Cancelled',
    expired: 'Expired',
  },
  unfinished: 'Not all of it has arrived. Choose the same file again, and it goes on from there.',
  unfinishedOf: (sent: string, size: string) => `${sent} of ${size} have arrived.`,
  chooseAgain: 'Choose the file',
  otherFile: (name: string, size: string) =>
    `That is another file. Choose ${name}, which has ${size}, or drop this one above to begin anew.`,
  expiredHint:
    'The MP3 was kept for its time and is removed. Upload the video again to get it anew.',
  cancelledHint: 'You have cancelled it. Upload the video again if you want it after all.',
  keptUntil: (distance: string) => `removed ${distance}`,
  attempt: (count: number) => `attempt ${count}`,

  failure: {
    'unreadable-media':
      'This file cannot be read. It may be damaged, or it is no video at all. Try to play it, and upload it again or save it in another format.',
    'no-audio': 'This video has no sound. There is nothing to make an MP3 of.',
    'audio-too-large':
      'The MP3 would be larger than Soundlift keeps. Convert a part by “Cut”, or choose a lower quality.',
    'attempts-exhausted':
      'It was tried several times without success. That is not your fault: upload it again later.',
    'out-of-time':
      'It takes longer than a conversion can take here. Cut the video into parts, or convert a part by “Cut”.',
  },
  failureOther: 'It could not be converted. Upload it again; if it stays so, try another file.',
  warning: {
    'source-ended-early':
      'The sound is shorter than the video says it is. The file may be cut off.',
    'bitrate-above-source':
      'The bitrate is above that of the video: the MP3 is larger, and sounds no better.',
    'cover-too-large': 'The cover picture was too large for an MP3, and was left out.',
  },

  play: 'Play',
  pauseSound: 'Pause',
  position: 'Position',
  positionOf: (position: string, duration: string) => `${position} of ${duration}`,
  playerFailed: 'It cannot be played.',
  closePlayer: 'Close the player',
  download: 'Download',
  cancel: 'Cancel',
  details: 'Details',
  copyLink: 'Copy link',
  copied: 'Copied',
  copyHint: (time: string) => `Whoever has the link can listen until ${time}.`,
  copyFailed: 'The browser does not let it be copied. Copy it yourself:',
  endLinks: 'End all links',
  linksEnded: 'Ended',

  removeTitle: 'Remove this sound?',
  removeText: (name: string) =>
    `${name}: the MP3, the video and every link to them go. That cannot be undone.`,
  removeKeep: 'Keep it',

  facts: {
    source: 'Source',
    made: 'MP3',
    length: 'Length',
    size: 'Size',
    videoSize: 'Video',
    uploaded: 'Uploaded',
    expires: 'Kept until',
  },
  madeCopied: 'copied as it was',
  madeEncoded: (how: string) => `encoded, ${how}`,
  madeNormalized: 'loudness evened out',
  channels: { mono: 'mono', stereo: 'stereo' },

  linkedGone: 'This sound is not here. It was removed, or it belongs to another account.',
  sharedGone: 'The shared file did not arrive. Choose it here.',
};

type Shape<Sample> = Sample extends (...given: infer Given) => string
  ? (...given: Given) => string
  : Sample extends string
    ? string
    : { readonly [Key in keyof Sample]: Shape<Sample[Key]> };

export type Words = Shape<typeof en>;
