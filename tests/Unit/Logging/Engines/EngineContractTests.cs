namespace ProdOps.Logging.Tests.Engines;

/// <summary>The contract with real servers.</summary>
public sealed class EngineContractTests
{
    [EngineFact(EngineServer.VictoriaLogsVariable, "victoria-logs")]
    public async Task VictoriaLogs_answers_as_the_store_does()
    {
        await using var server = await EngineServer.VictoriaLogsAsync();
        using var contract = new EngineContract(LogEngine.VictoriaLogs, server.Url);
        await contract.FillAsync();
        await contract.CompareLimitsAsync();
        await contract.CompareAsync(queries: 120, seed: 20261126);
        await contract.WatchAsync();
        await contract.LocksAsync();
        Assert.Empty(contract.Activity.Warnings);
        Assert.Empty(contract.Activity.Errors);
    }
}
