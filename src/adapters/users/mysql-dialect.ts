import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  MysqlDialect,
  type MysqlDialectConfig,
  MysqlDriver,
  type MysqlPool,
  type MysqlPoolConnection,
  type MysqlQueryResult,
} from 'kysely';
import type { Pool, PoolConnection } from 'mysql2';

export interface MysqlDialectOptions {
  readonly url: string;
  /** Also for getting a connection from the pool. */
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
}

/** Kysely's MySQL over a pool of mysql2, with the timeouts that neither has by itself. */
export function createMysqlDialect(options: MysqlDialectOptions): Dialect {
  const { url, connectTimeoutMs, queryTimeoutMs } = options;
  const pool = async () => {
    const { createPool } = await import('mysql2');
    const connections = createPool({
      uri: url,
      connectTimeout: connectTimeoutMs,
      connectionLimit: 10,
      maxIdle: 1,
    });
    return withQueryTimeout(connections, queryTimeoutMs);
  };
  return new TimedMysqlDialect({ pool }, connectTimeoutMs);
}

class TimedMysqlDialect extends MysqlDialect {
  readonly #config: MysqlDialectConfig;
  readonly #acquireTimeoutMs: number;

  constructor(config: MysqlDialectConfig, acquireTimeoutMs: number) {
    super(config);
    this.#config = config;
    this.#acquireTimeoutMs = acquireTimeoutMs;
  }

  override createDriver(): Driver {
    return new TimedMysqlDriver(this.#config, this.#acquireTimeoutMs);
  }
}

class TimedMysqlDriver extends MysqlDriver {
  readonly #acquireTimeoutMs: number;

  constructor(config: MysqlDialectConfig, acquireTimeoutMs: number) {
    super(config);
    this.#acquireTimeoutMs = acquireTimeoutMs;
  }

  override async acquireConnection() {
    const timeoutMs = this.#acquireTimeoutMs;
    const acquiring = super.acquireConnection();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`no connection of the pool became free within ${timeoutMs} ms`);
      timer = setTimeout(reject, timeoutMs, error);
    });
    try {
      return await Promise.race([acquiring, late]);
    } catch (error) {
      releaseOnceAcquired(this, acquiring);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function releaseOnceAcquired(driver: Driver, acquiring: Promise<DatabaseConnection>): void {
  acquiring.then(
    (connection) => driver.releaseConnection(connection),
    () => {},
  );
}

function withQueryTimeout(pool: Pool, timeoutMs: number): MysqlPool {
  return {
    end: (callback) => pool.end(callback),
    getConnection: (callback) =>
      pool.getConnection((error, connection) =>
        callback(error, error ? connection : timedConnection(connection, timeoutMs)),
      ),
  };
}

function timedConnection(connection: PoolConnection, timeoutMs: number): MysqlPoolConnection {
  type Callback = (error: unknown, result: MysqlQueryResult) => void;

  function query(sql: string, values: unknown[]): ReturnType<PoolConnection['query']>;
  function query(sql: string, values: unknown[], callback: Callback): void;
  function query(sql: string, values: unknown[], callback?: Callback): unknown {
    if (!callback) return connection.query(sql, values);
    return connection.query<never>({ sql, values, timeout: timeoutMs }, (error, result) => {
      // The answer may still come, and must not be taken for that of the next query.
      if (error?.code === 'PROTOCOL_SEQUENCE_TIMEOUT') connection.destroy();
      callback(error, result);
    });
  }

  return { query, release: () => connection.release() };
}
