namespace ProdOps.Benchmarks.Corpora;

/// <summary>A block of a database dump: rows of one table, with documents and keys in them that do not compress.</summary>
internal sealed class DumpContent(Vocabulary vocabulary)
{
    private const int LongestRow = 3_600;

    public void Fill(ref SeededRandom random, Span<byte> destination, long firstKey)
    {
        var text = new ByteWriter(destination[..^1]);
        var topic = vocabulary.Topic(ref random, 400);
        long key = firstKey;
        long time = 1_400_000_000 + firstKey;
        text.Add("INSERT INTO orders (id, placed, customer, city, amount, state, remark, signature, document) VALUES\n"u8);
        while (text.Room > LongestRow)
            AddRow(ref text, ref random, topic, key++, time += random.Below(90));
        text.Add("(0,NULL,'','',0,'void','',NULL,NULL);\n--"u8);
        while (!text.IsFull)
            text.Add((byte)' ');
        destination[^1] = (byte)'\n';
    }

    private static void AddRow(ref ByteWriter text, ref SeededRandom random, byte[][] topic, long key, long time)
    {
        text.Add("("u8);
        text.AddNumber(key);
        text.Add(",'"u8);
        text.AddTime(time);
        text.Add("','"u8);
        text.Add(Vocabulary.OfTopic(topic, ref random));
        text.Add(" "u8);
        text.Add(Vocabulary.OfTopic(topic, ref random));
        text.Add("','"u8);
        text.Add(Vocabulary.OfTopic(topic, ref random));
        text.Add("',"u8);
        text.AddNumber(random.Below(10_000_000));
        text.Add(random.Chance(80) ? ",'shipped','"u8 : ",'returned','"u8);
        for (int words = 4 + random.Below(20); words > 0; words--)
        {
            text.Add(Vocabulary.OfTopic(topic, ref random));
            text.Add(" "u8);
        }
        text.Add("','\\x"u8);
        text.AddHex(ref random, 32);
        text.Add("','"u8);
        if (random.Chance(16))
            text.AddBase64(ref random, 200 + random.Below(1_400));
        text.Add("'),\n"u8);
    }
}
