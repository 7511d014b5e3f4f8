export default { name: 'plain.js', run: (input) => input }
