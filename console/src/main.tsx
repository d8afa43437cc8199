// Before all else: what a page says of its own goes before what all share.
import './style/index.css';
import { render } from 'preact';
import { followLinks } from './lib/router.ts';
import { App } from './shell/app.tsx';

const root = document.getElementById('app');
if (root !== null) {
  followLinks(root);
  render(<App />, root);
}
