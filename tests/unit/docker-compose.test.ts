import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readDotEnv } from '../../scripts/start/environment.ts';

const compose = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        image: z.string(),
        ports: z.array(z.string()).default([]),
        /** `host`: what it binds is bound on this machine. */
        network_mode: z.literal('host').optional(),
        environment: z.record(z.string(), z.string()).default({}),
        volumes: z.array(z.string()).default([]),
        healthcheck: z.object({ test: z.array(z.string()).min(2) }),
      }),
    ),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(readFileSync('docker-compose.yml', 'utf8')));

const { services } = compose;
const published = Object.values(services).flatMap(({ ports }) => ports);

describe.each(Object.entries(services))('the service %s', (_name, service) => {
  test('has an image of one version', () => {
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+(-|$)/);
  });

  test('is reached from this machine only', () => {
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    const isOfHost = service.network_mode === 'host';
    expect(service.ports.length > 0).toBe(!isOfHost);
    if (isOfHost) expect(service.environment).toMatchObject({ BIND_HOST: '127.0.0.1' });
  });

  test('keeps its data in volumes that have names', () => {
    const names = service.volumes.map((volume) => volume.split(':')[0]);
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(names));
  });
});

test('the emulator is the version that is installed without a container', () => {
  const requirements = readFileSync('tests/emulator/requirements.txt', 'utf8');
  const [, version] = /^ministack==(\S+)/m.exec(requirements) ?? [];
  expect(services['emulator']?.image).toBe(`soundlift-emulator:${version}`);
});

test('no two services want the same port', () => {
  const ports = published.map((port) => port.split(':')[1]);
  expect(new Set(ports).size).toBe(ports.length);
});

describe('the addresses of .env.example', () => {
  const settings = readDotEnv('.env.example');
  const urlOf = (name: string) => new URL(settings[name] ?? '');

  test.each(Object.keys(settings))('%s is one that is published', (name) => {
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
