exports.one = { name: 'common.one', run: () => 1 }
exports.two = { name: 'common.two', run: () => 2 }
