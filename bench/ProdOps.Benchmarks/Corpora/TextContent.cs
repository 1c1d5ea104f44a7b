using System.Text;

namespace ProdOps.Benchmarks.Corpora;

/// <summary>Text as it stands in files of web servers: source and markup, logs, JSON documents.</summary>
internal sealed class TextContent(Vocabulary vocabulary)
{
    // '$' is a word, '#' a number.
    private static readonly byte[][] Statements = [.. new[]
    {
        "if ($.$ != null) {", "return $($, $);", "var $ = new $($);", "public $ $($ $, $ $) {", "// $ $ $ $ $ $ $ $ $", "}", "}", "",
        "for (let $ = 0; $ < $.length; $++) {", "this.$ = $.$($);", "throw new $Exception(\"$ $ $ $\");", "<div class=\"$-$ $\">$ $ $ $</div>",
        "<p>$ $ $ $ $ $ $ $ $ $ $ $</p>", "<a href=\"/$/$/$.html\">$ $</a>", ".$-$ { margin: #px; color: #$; }", "def $(self, $, $=None):",
        "    * $ $ $ $, $ $ $.", "import { $, $ } from './$/$';", "$: #", "\"$\": \"$ $\",", "static const $ $[] = { #, #, #, # };",
        "$_$ = $ + # * $;", "assert($($) == #);", "$->$($, \"$\", #);",
    }.Select(Encoding.ASCII.GetBytes)];

    public void FillSource(ref SeededRandom random, Span<byte> destination)
    {
        var text = new ByteWriter(destination);
        var topic = vocabulary.Topic(ref random, 40 + random.Below(80));
        Span<int> lines = stackalloc int[64];
        int count = 0;
        int indent = 0;
        while (!text.IsFull)
        {
            int start = text.Length;
            // People repeat themselves: part of an earlier line, then something new.
            if (count > 8 && random.Chance(34))
            {
                int earlier = lines[(count - 2 - random.Below(Math.Min(count - 2, 62))) & 63];
                int end = text.Written[earlier..].IndexOf((byte)'\n');
                if (end > 0)
                    text.Repeat(earlier, random.Chance(40) ? end : random.Below(end));
            }
            else
            {
                indent = Math.Clamp(indent + random.Below(3) - 1, 0, 5);
                for (int i = 0; i < indent; i++)
                    text.Add("    "u8);
            }
            if (text.Length - start < 50)
                AddStatement(ref text, ref random, topic);
            text.Add((byte)'\n');
            lines[count++ & 63] = start;
        }
    }

    public void FillLog(ref SeededRandom random, Span<byte> destination)
    {
        var text = new ByteWriter(destination);
        var paths = vocabulary.Topic(ref random, 60);
        long time = 1_600_000_000 + random.Below(150_000_000);
        while (!text.IsFull)
        {
            time += random.Below(4);
            text.AddNumber(10 + random.Below(4));
            text.Add("."u8);
            text.AddNumber(random.Below(256));
            text.Add("."u8);
            text.AddNumber(random.Below(256));
            text.Add(".7 - - ["u8);
            text.AddTime(time);
            text.Add("] \"GET /"u8);
            text.Add(Vocabulary.OfTopic(paths, ref random));
            text.Add("/"u8);
            text.Add(Vocabulary.OfTopic(paths, ref random));
            text.Add("?id="u8);
            text.AddNumber(random.Below(1_000_000));
            text.Add(random.Chance(92) ? " HTTP/1.1\" 200 "u8 : " HTTP/1.1\" 404 "u8);
            text.AddNumber(random.Below(60_000));
            text.Add(" \"-\" \"Mozilla/5.0 (X11; Linux x86_64) "u8);
            text.Add(Vocabulary.OfTopic(paths, ref random));
            text.Add("/"u8);
            text.AddNumber(random.Below(130));
            text.Add(".0\" "u8);
            text.AddNumber(random.Below(2_000_000));
            text.Add("\n"u8);
        }
    }

    public void FillJson(ref SeededRandom random, Span<byte> destination)
    {
        var text = new ByteWriter(destination[..^3]);
        text.Add("{\"id\":\""u8);
        text.AddHex(ref random, 16);
        text.Add("\",\"created\":\""u8);
        text.AddTime(1_500_000_000 + random.Below(250_000_000));
        text.Add("\",\"token\":\""u8);
        text.AddBase64(ref random, 600);
        text.Add("\",\"items\":["u8);
        while (text.Room > 230)
        {
            text.Add("{\"sku\":\""u8);
            text.AddHex(ref random, 6);
            text.Add("\",\"name\":\""u8);
            AddWords(ref text, ref random, 3);
            text.Add("\",\"quantity\":"u8);
            text.AddNumber(1 + random.Below(20));
            text.Add(",\"price\":"u8);
            text.AddNumber(random.Below(100_000));
            text.Add(",\"tags\":[\""u8);
            text.Add(vocabulary.Any(ref random));
            text.Add("\",\""u8);
            text.Add(vocabulary.Any(ref random));
            text.Add("\"],\"shipped\":"u8);
            text.Add(random.Chance(50) ? "true},"u8 : "false},"u8);
        }
        text.Add("{}],\"note\":\""u8);
        while (!text.IsFull)
            AddWords(ref text, ref random, 1);
        "\"}\n"u8.CopyTo(destination[^3..]);
    }

    private void AddStatement(ref ByteWriter text, ref SeededRandom random, byte[][] topic)
    {
        foreach (byte character in Statements[random.Below(Statements.Length)])
        {
            if (character == '$')
                text.Add(random.Chance(82) ? Vocabulary.OfTopic(topic, ref random) : vocabulary.Any(ref random));
            else if (character == '#')
                text.AddNumber(random.Below(1 << random.Below(12)));
            else
                text.Add(character);
        }
    }

    private void AddWords(ref ByteWriter text, ref SeededRandom random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            text.Add(vocabulary.Any(ref random));
            text.Add((byte)' ');
        }
    }
}
