import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { COMPOSE_SETTINGS, readDotEnv } from '../../scripts/start/environment.ts';

const SOURCE = readFileSync('docker-compose.yml', 'utf8');

const serviceSchema = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile_inline: z.string() }).optional(),
  profiles: z.array(z.string()).default([]),
  network_mode: z.literal('host').optional(),
  command: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  depends_on: z
    .record(z.string(), z.object({ condition: z.literal('service_healthy') }))
    .default({}),
  healthcheck: z.object({
    test: z.tuple([z.enum(['CMD', 'CMD-SHELL']), z.string()], z.string()),
    interval: z.string(),
    timeout: z.string(),
    retries: z.int(),
  }),
});

/** The file as Compose reads it with these variables. */
function readCompose(variables: Readonly<Record<string, string>>) {
  // https://docs.docker.com/reference/compose-file/interpolation/: of its forms, the file has this one.
  const text = SOURCE.replaceAll(/(?<!\$)\$\{(\w+):-([^}]*)\}/g, (_, name, standard) => {
    return variables[name] || standard;
  });
  expect(text.replaceAll('$$', '')).not.toContain('$');
  return z
    .object({
      services: z.record(z.string(), serviceSchema),
      volumes: z.record(z.string(), z.null()),
    })
    .parse(parse(text));
}

const settings = readDotEnv('.env.example');
const { services, volumes } = readCompose(settings);
const published = Object.values(services).flatMap(({ ports }) => ports);

describe.each(Object.entries(services))('the service %s', (_name, service) => {
  test('has an image of one version', () => {
    const base = /^FROM (\S+)$/m.exec(service.build?.dockerfile_inline ?? '')?.[1];
    for (const image of [service.image, base ?? service.image]) {
      expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+\.\d+(-|$)/);
    }
  });

  test('is reached from this machine only', () => {
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    if (service.network_mode === 'host') expect(service.ports).toEqual([]);
  });

  test('keeps its data in volumes that have names, and changes nothing of the repository', () => {
    for (const volume of service.volumes) {
      const [source = '', , mode] = volume.split(':');
      if (!source.startsWith('./')) expect(Object.keys(volumes)).toContain(source);
      else expect([existsSync(source), mode], source).toEqual([true, 'ro']);
    }
  });

  test('waits for nothing that is not started with it', () => {
    for (const name of Object.keys(service.depends_on))
      expect(services[name]?.profiles).toEqual([]);
  });
});

test('no two services want the same port', () => {
  const ports = published.map((port) => port.split(':')[1]);
  expect(new Set(ports).size).toBe(ports.length);
});

test('no volume is without a service', () => {
  const used = Object.values(services).flatMap((service) => service.volumes);
  expect(
    Object.keys(volumes).filter((name) => !used.some((it) => it.startsWith(`${name}:`))),
  ).toEqual([]);
});

test('without a profile there is what `npm run start:services` needs, and no more', () => {
  const always = Object.entries(services).filter(([, { profiles }]) => profiles.length === 0);
  expect(always.map(([name]) => name)).toEqual(['rabbitmq', 'mongodb', 'mysql', 'mail']);
});

describe('what runs in the network of this machine', () => {
  test('is the emulated cloud, and what reaches it', () => {
    const inIt = Object.entries(services).filter(([, { network_mode }]) => network_mode === 'host');
    expect(inIt.map(([name]) => name)).toEqual(['emulator', 'event-source']);
  });

  test('binds to 127.0.0.1', () => {
    expect(services['emulator']?.environment['BIND_HOST']).toBe('127.0.0.1');
  });
});

test('the emulator is the version that is installed without a container', () => {
  const requirements = readFileSync('tests/emulator/requirements.txt', 'utf8');
  const [, version] = /^ministack==(\S+)/m.exec(requirements) ?? [];
  expect(services['emulator']?.image).toBe(`soundlift-emulator:${version}`);
});

test('the emulator is built of files that are there, by versions and hashes', () => {
  const { context = '', dockerfile_inline: dockerfile = '' } = services['emulator']?.build ?? {};
  const copied = [...dockerfile.matchAll(/^COPY (\S+) /gm)].map(([, path]) =>
    join(context, path ?? ''),
  );
  expect(copied).toEqual(['tests/emulator/requirements.txt']);
  expect(dockerfile).toContain('--require-hashes');
});

test('the event source is a command of this repository, with the addresses of .env.example', () => {
  const [program, script = '', ...options] = services['event-source']?.command ?? [];
  expect([program, existsSync(script)]).toEqual(['node', true]);
  const emulator = services['emulator']?.environment;
  expect(options).toEqual([
    ...['--endpoint', `http://${emulator?.['BIND_HOST']}:${emulator?.['GATEWAY_PORT']}`],
    ...['--broker', settings['QUEUE_URL']],
    ...[
      '--region',
      /region: \$\{opt:region, '(.*)'\}/.exec(readFileSync('serverless.yml', 'utf8'))?.[1],
    ],
  ]);
});

describe('the addresses of .env.example', () => {
  const urlOf = (name: string) => new URL(settings[name] ?? '');
  const urls = Object.keys(settings).filter((name) => !(name in COMPOSE_SETTINGS));

  test.each(urls)('%s is one that is published', (name) => {
    const { hostname, port } = urlOf(name);
    expect(published.some((entry) => entry.startsWith(`${hostname}:${port}:`))).toBe(true);
  });

  test('have the credentials of the services', () => {
    const mysql = urlOf('USERS_URL');
    expect(services['mysql']?.environment).toMatchObject({
      MYSQL_USER: mysql.username,
      MYSQL_PASSWORD: mysql.password,
      MYSQL_DATABASE: mysql.pathname.slice(1),
    });
    const rabbitmq = urlOf('QUEUE_URL');
    expect(services['rabbitmq']?.environment).toMatchObject({
      RABBITMQ_DEFAULT_USER: rabbitmq.username,
      RABBITMQ_DEFAULT_PASS: rabbitmq.password,
    });
  });
});

describe('the settings of .env', () => {
  test('that .env.example shows are those that it goes without', () => {
    expect(readCompose({})).toEqual(readCompose(settings));
  });

  test.each(Object.keys(COMPOSE_SETTINGS))('%s changes what is made', (name) => {
    const made = JSON.stringify(readCompose({ ...settings, [name]: 'something-else' }));
    expect(made).toContain('something-else');
  });
});
