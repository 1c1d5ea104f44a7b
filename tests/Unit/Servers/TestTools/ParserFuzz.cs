namespace ProdOps.Servers.Tests.TestTools;

/// <summary>Gives parsers damaged text: each must be read or refused, with an error of the catalogue or none.</summary>
internal static class ParserFuzz
{
    public const int Rounds = 10_000;

    public static void Run(string parser, Action<string> read, string[] seeds)
    {
        var random = new Random(20261130);
        for (int i = 0; i < Rounds; i++)
        {
            string text = i < seeds.Length ? seeds[i] : Mutation.Of(seeds[i % seeds.Length], random);
            try
            {
                read(text);
            }
            catch (ProdOpsException)
            {
                // Refused.
            }
            catch (Exception exception)
            {
                Assert.Fail($"'{text}' of a {parser}: {exception}");
            }
        }
    }
}
