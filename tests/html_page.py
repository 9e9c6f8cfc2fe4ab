#!/usr/bin/python3
"""html_page.py - what a parser reads in a page of tscae-report

usage: html_page.py sound FILE         prints "sound", or what is wrong: elements that are not closed in order,
           scripts, links to other files
       html_page.py text FILE NAME     the texts of the elements of that name, with | between them
       html_page.py count FILE NAME    how many there are
       html_page.py image FILE         CRC and size (cksum) of the one image, from its data URI
"""
import base64, subprocess, sys
from html.parser import HTMLParser

EMPTY = {'meta', 'img', 'link', 'br', 'input'}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.texts, self.wrong, self.images = [], [], [], []

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag in ('script', 'link', 'iframe', 'object') or any(name.startswith('on') for name in a):
            self.wrong.append(f'element {tag} {a}')
        for name in ('src', 'href'):
            if name in a and not a[name].startswith('data:image/'):
                self.wrong.append(f'{tag} loads {a[name]}')
        if tag == 'img':
            self.images.append(a['src'])
        self.texts.append([tag, ''])
        if tag not in EMPTY:
            self.open.append((tag, len(self.texts) - 1))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.wrong.append(f'</{tag}> at {self.getpos()}, open: {self.open[-1:]}')
        else:
            self.open.pop()

    def handle_data(self, text):
        for _, k in self.open:
            self.texts[k][1] += text


page = Page()
content = open(sys.argv[2], encoding='utf-8').read()
page.feed(content)
page.close()
if sys.argv[1] == 'sound':
    if 'url(' in content or '@import' in content:
        page.wrong.append('the style sheet loads something')
    print(*(page.wrong + [f'not closed: {page.open}'] * bool(page.open) or ['sound']), sep='\n')
elif sys.argv[1] == 'image':
    assert len(page.images) == 1
    data = base64.b64decode(page.images[0].split(',')[1], validate=True)
    print(subprocess.run(['cksum'], input=data, stdout=subprocess.PIPE, check=True).stdout.decode().strip())
else:
    found = [text for tag, text in page.texts if tag == sys.argv[3]]
    print(len(found) if sys.argv[1] == 'count' else '|'.join(found))
