import type { Readable } from 'node:stream';
import { DataStore, type Locker, Upload as TusUpload } from '@tus/server';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { eraseConversion } from '../../src/conversions/erase-conversion.ts';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { type Conversion, uploadChanged } from '../../src/domain/conversion.ts';
import { Refused } from '../../src/domain/errors.ts';
import { leased, lengthDeclared, released, type Upload } from '../../src/domain/upload.ts';
import { appendToUpload } from './append-to-upload.ts';
import { type Announcement, beginUpload, expectBytes } from './begin-upload.ts';
import type { Checksum } from './checksum.ts';
import { expectStorageWithinQuota, type QuotaDeps, withinQuota } from './within-quota.ts';

export interface TusStoreDeps extends SettleDeps, QuotaDeps {}

/** One request of the protocol, as far as its store has to know it. */
export interface TusRequest {
  readonly method: string;
  /** The upload that it is about; absent when it makes one. */
  readonly conversion?: Conversion | undefined;
  /** What it announces, when it makes one. */
  readonly announced?: Omit<Announcement, 'id' | 'lengthBytes' | 'leaseToken'> | undefined;
  readonly checksum?: Checksum | undefined;
}

/**
 * What the tus server keeps its uploads in: the records of conversions, and files. One store serves
 * one request, since what the server hands over names neither who asks nor what was announced.
 *
 * It is its own locker. The lock is a lease in the record: two functions share no memory.
 * https://github.com/tus/tus-node-server/tree/main/packages/server#datastore
 */
export class TusStore extends DataStore implements Locker {
  readonly #deps: TusStoreDeps;
  readonly #request: TusRequest;
  readonly #leaseToken = crypto.randomUUID();
  #conversion: Conversion | undefined;

  override extensions = [
    'creation',
    'creation-with-upload',
    'creation-defer-length',
    'expiration',
    'termination',
    'checksum',
  ];

  constructor(deps: TusStoreDeps, request: TusRequest) {
    super();
    this.#deps = deps;
    this.#request = request;
    this.#conversion = request.conversion;
  }

  /** The upload as this request leaves it; absent when there is none. */
  get conversion(): Conversion | undefined {
    return this.#conversion;
  }

  override async create(upload: TusUpload): Promise<TusUpload> {
    const { announced } = this.#request;
    if (announced === undefined) throw new Error('an upload was made that nobody announced');
    this.#conversion = await beginUpload(this.#deps, {
      ...announced,
      id: upload.id,
      lengthBytes: upload.size,
      leaseToken: this.#leaseToken,
    });
    return upload;
  }

  override async getUpload(id: string): Promise<TusUpload> {
    const { lengthBytes, offsetBytes } = this.#expectUpload();
    return new TusUpload({ id, offset: offsetBytes, ...(lengthBytes && { size: lengthBytes }) });
  }

  override async declareUploadLength(_id: string, lengthBytes: number): Promise<void> {
    expectBytes(lengthBytes);
    await this.#change((upload) => lengthDeclared(upload, this.#leaseToken, lengthBytes));
    try {
      await expectStorageWithinQuota(this.#deps, this.#expectConversion().owner.userId);
    } catch (error) {
      await this.#change((upload) => lengthDeclared(upload, this.#leaseToken, undefined));
      throw error;
    }
  }

  /** @returns the new offset */
  override async write(content: Readable): Promise<number> {
    const upload = this.#expectUpload();
    const conversion = this.#conversion;
    if (conversion?.state !== 'uploading') return upload.offsetBytes;
    const { checksum } = this.#request;
    const leaseToken = this.#leaseToken;
    this.#conversion = await appendToUpload(this.#deps, {
      conversion,
      upload,
      leaseToken,
      content:
        upload.lengthBytes === undefined
          ? withinQuota(this.#deps, conversion.owner.userId, content)
          : content,
      checksum,
    });
    return this.#expectUpload().offsetBytes;
  }

  override async remove(id: string): Promise<void> {
    await eraseConversion(this.#deps, id);
    this.#conversion = undefined;
  }

  newLock() {
    return { lock: () => this.#lock(), unlock: () => this.#unlock() };
  }

  /** To look at an upload needs no lock, and a new one is not yet known to anybody else. */
  async #lock(): Promise<void> {
    const isOpen = this.#conversion?.state === 'uploading';
    if (!isOpen || !['PATCH', 'DELETE'].includes(this.#request.method)) return;
    await this.#change((upload) => leased(upload, this.#leaseToken, this.#deps.clock.now()));
  }

  /** After `write` has ended: the server waits for it, also when the sender has broken off. */
  async #unlock(): Promise<void> {
    const { state, upload } = this.#conversion ?? {};
    if (state !== 'uploading' || upload?.lease?.token !== this.#leaseToken) return;
    await this.#change((current) => released(current, this.#leaseToken));
  }

  async #change(change: (upload: Upload) => Upload): Promise<void> {
    const { conversions, clock } = this.#deps;
    this.#conversion = await changeConversion(conversions, this.#expectConversion(), (current) =>
      current.state === 'uploading' ? uploadChanged(current, change, clock.now()) : current,
    );
  }

  #expectConversion(): Conversion {
    if (this.#conversion === undefined) throw new Refused('not-found', 'There is no such upload.');
    return this.#conversion;
  }

  #expectUpload(): Upload {
    const { upload } = this.#conversion ?? {};
    if (upload === undefined) throw new Refused('not-found', 'There is no such upload.');
    return upload;
  }
}
