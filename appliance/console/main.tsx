import './no-eval.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const root = document.querySelector('#console');
if (root === null) throw new Error('expected the page’s own element #console, found none');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
