import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greeting } from '../src/greeting.js';

test('greets in English when nothing else is asked for', () => {
  assert.equal(greeting('Ada'), 'Hello, Ada!');
});

test('greets in the language that is wanted most', () => {
  assert.equal(greeting('Ada', 'en;q=0.5, de-AT;q=0.9'), 'Hallo, Ada!');
});

test('passes over languages that it does not speak', () => {
  assert.equal(greeting('Ada', 'tlh, fr;q=0.3'), 'Bonjour, Ada!');
});
