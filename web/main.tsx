import './page.css';
import createClient from 'openapi-fetch';
import { render } from 'preact';
import type { paths } from './api/schema.ts';

const { data } = await createClient<paths>().GET('/health');
const root = document.getElementById('page');
if (root) render(<h1>Soundlift: {data?.status ?? 'away'}</h1>, root);

if ('serviceWorker' in navigator) await navigator.serviceWorker.register('/sw.js');
