import './page.css';
import { render } from 'preact';

const root = document.getElementById('page');
if (root) render(<h1>Soundlift</h1>, root);

if ('serviceWorker' in navigator) await navigator.serviceWorker.register('/sw.js');
