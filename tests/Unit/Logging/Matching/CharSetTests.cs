using ProdOps.Logging.Matching.Regular;

namespace ProdOps.Logging.Tests.Matching;

public sealed class CharSetTests
{
    /// <summary>Sets that are shared are asked by whoever reads an expression first, and that may be two at once.</summary>
    [Fact]
    public void A_set_that_two_threads_ask_at_once_is_the_same_for_both()
    {
        (int, int)[] expected = [.. Enumerable.Range(0, 300).Select(i => (i * 10, (i * 10) + 3))];
        for (int round = 0; round < 2000; round++)
        {
            var set = new CharSet();
            for (int i = 299; i >= 0; i--) set.Add((char)(i * 10), (char)((i * 10) + 3));
            using var start = new Barrier(2);
            var asked = new IReadOnlyList<(int, int)>[2];
            Parallel.Invoke(new ParallelOptions { MaxDegreeOfParallelism = 2 }, () => Ask(0), () => Ask(1));
            Assert.Equal(expected, asked[0]);
            Assert.Equal(expected, asked[1]);

            void Ask(int who)
            {
                start.SignalAndWait(TimeSpan.FromSeconds(1));
                asked[who] = [.. set.Ranges];
            }
        }
    }
}
