namespace ProdOps.Logging.Tests.Collecting;

public sealed class RotationTests
{
    public static TheoryData<string, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            foreach (var (name, script, expected) in RotationCase.All()) cases.Add(name, script, expected);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Lines_are_collected_once_and_in_order_whatever_becomes_of_their_file(string name, string script, string expected)
    {
        _ = name;
        Assert.Equal(expected, await RotationCase.PlayAsync(script));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Pieces_of_any_size_and_times_in_whole_seconds_make_no_difference(string name, string script, string expected)
    {
        _ = name;
        foreach (int size in (int[])[1, 7, 4096])
        {
            Assert.Equal(expected, await RotationCase.PlayAsync(script, server =>
            {
                server.PieceSize = size;
                server.Granularity = 1_000_000;
                server.ReusesInodes = script.Contains("number of", StringComparison.Ordinal) || size != 7;
            }));
        }
    }
}
