using ProdOps.LoadBalancing.HAProxy.Configuration;
using ProdOps.LoadBalancing.Publishing;

namespace ProdOps.LoadBalancing.Tests.Publishing;

public sealed class OpenFilesTests
{
    [Theory]
    [InlineData("threads=2\nhard=4096\nkernel=1048576\ncaps=0000000000000000\n", 4096L, 2)]
    [InlineData("threads=8\nhard=4096\nkernel=1048576\ncaps=000001ffffffffff\n", 1048576L, 8)]
    [InlineData("threads=\nhard=unlimited\nkernel=\ncaps=\n", null, 1)]
    [InlineData("nonsense\nhard=-1\nthreads=99999999999\ncaps=zz\nkernel=x", null, 1)]
    [InlineData("", null, 1)]
    public void What_a_process_may_open_is_its_limit_or_the_kernel_s_where_it_may_raise_its_own(string said, long? limit, int threads)
    {
        var open = OpenFiles.Parse(said);
        Assert.Equal((limit, threads), (open.Limit, open.Threads));
    }

    [Fact]
    public void Connections_take_two_files_each_and_some_are_taken_besides()
    {
        var configuration = HAProxyConfiguration.Parse([("a", "global\n    maxconn 10100\nfrontend web\n    bind *:80\n    bind *:443 ssl crt /a\nbackend web\n    server a 10.0.0.1:80\n    server b 10.0.0.2:80\n")]);
        var open = OpenFiles.Parse("threads=2\nhard=20000\n");
        // Debian's 2.6 takes 20,242 for it with two threads; fewer than that are never asked for here, so that what would start is not refused.
        Assert.InRange(open.NeededBy(configuration), 20_201, 20_242);
        Assert.InRange(open.MostConnections(configuration), 9_900, 10_000);
        Assert.Equal(0, open.NeededBy(HAProxyConfiguration.Parse([("a", "global\n    nbthread 4\n")])));
    }
}
