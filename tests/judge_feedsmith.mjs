// What feedsmith makes of each file: a line of JSON with id, title and date of its entries, in order.
import fs from 'node:fs'
import { parseFeed } from 'feedsmith'

const text = value => typeof value === 'string' ? value : value.value
const seconds = date => Math.floor(new Date(date).getTime() / 1000)
const readers = {
  rss: feed => feed.items.map(item => [text(item.guid), text(item.title), seconds(item.pubDate)]),
  atom: feed => feed.entries.map(entry => [entry.id, text(entry.title), seconds(entry.published)]),
  json: feed => feed.items.map(item => [item.id, item.title, seconds(item.date_published)])
}
for (const path of process.argv.slice(2)) {
  const { format, feed } = parseFeed(fs.readFileSync(path, 'utf8'))
  console.log(JSON.stringify(readers[format](feed)))
}
